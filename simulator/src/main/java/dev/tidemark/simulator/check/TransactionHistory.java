package dev.tidemark.simulator.check;

import dev.tidemark.simulator.world.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What transactional producers did and what readers of committed records saw, and what must hold between the two:
/// all of a transaction or nothing, nothing of what was aborted or not decided, nothing of who was put out.
public final class TransactionHistory {
    private enum Fate {
        OPEN,
        COMMITTED,
        ABORTED
    }

    /// One transaction, as its producer knows it.
    public static final class Transaction {
        private final String name;
        private final List<String> acknowledged = new ArrayList<>();
        private final List<String> read = new ArrayList<>();
        private boolean commitWasSent;
        private Fate fate = Fate.OPEN;

        private Transaction(String name) {
            this.name = name;
        }
    }

    private record Written(Transaction transaction, PartitionKey partition) {}

    private record Place(PartitionKey partition, long offset) {}

    private final Findings findings;
    private final List<Transaction> transactions = new ArrayList<>();
    private final Map<String, Written> written = new HashMap<>();
    private final Set<String> outside = new HashSet<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, Identity> newest = new TreeMap<>();
    private long committed;

    public TransactionHistory(Findings findings) {
        this.findings = findings;
    }

    /// Who has a transactional id. The answers to two who take it at once may come in any order; the epochs tell it.
    public record Identity(long producerId, short epoch) {
        static final Identity NOBODY = new Identity(-1, (short) -1);

        boolean isAfter(Identity other) {
            return producerId == other.producerId && epoch > other.epoch;
        }
    }

    /// The id was given to a producer: whoever had it before is out.
    public void onGiven(String transactionalId, Identity to) {
        if (!newest(transactionalId).isAfter(to)) newest.put(transactionalId, to);
    }

    /// To whom the id was given last.
    public Identity newest(String transactionalId) {
        return newest.getOrDefault(transactionalId, Identity.NOBODY);
    }

    public Transaction onBegin(String name) {
        Transaction transaction = new Transaction(name);
        transactions.add(transaction);
        return transaction;
    }

    /// Written to the same topic outside of all transactions: it may be read at once.
    public void onSendOutside(String value) {
        outside.add(value);
    }

    public void onSend(Transaction transaction, PartitionKey partition, String value) {
        written.put(value, new Written(transaction, partition));
    }

    /// @param writer who wrote it
    /// @param newestAtSending what [#newest] was when the request was sent
    public void onAcked(Transaction transaction, String value, Identity writer, Identity newestAtSending) {
        checkFenced(value + " was taken", writer, newestAtSending);
        transaction.acknowledged.add(value);
    }

    private void checkFenced(String what, Identity writer, Identity newestAtSending) {
        if (newestAtSending.isAfter(writer))
            findings.violated("zombie-fenced", "%s of %s, sent after %s".formatted(what, writer, newestAtSending));
    }

    public void onCommitSent(Transaction transaction) {
        transaction.commitWasSent = true;
    }

    public void onCommitted(Transaction transaction, Identity writer, Identity newestAtSending) {
        checkFenced(transaction.name + " was committed", writer, newestAtSending);
        if (transaction.fate == Fate.ABORTED)
            findings.violated("no-torn-txn", transaction.name + " was aborted and is committed");
        transaction.fate = Fate.COMMITTED;
        committed++;
    }

    /// It can never be committed: its producer aborted it, or forgot it without ever having asked for the commit.
    public void onAborted(Transaction transaction) {
        transaction.fate = Fate.ABORTED;
    }

    /// A reader of committed records was given this.
    public void onRead(PartitionKey partition, long offset, String value) {
        if (outside.contains(value)) return;
        Written one = written.get(value);
        if (one == null || !one.partition.equals(partition)) {
            findings.violated(
                    "no-phantom", "%s has %s at %d, which nobody wrote to it".formatted(partition, value, offset));
            return;
        }
        Transaction transaction = one.transaction;
        if (transaction.fate == Fate.ABORTED) {
            findings.violated(
                    "no-aborted-read", "%s at %s %d is of an aborted transaction".formatted(value, partition, offset));
        } else if (!transaction.commitWasSent) {
            findings.violated(
                    "no-precommitted-read", "%s at %s %d is not committed".formatted(value, partition, offset));
        }
        Place before = places.putIfAbsent(value, new Place(partition, offset));
        if (before == null) transaction.read.add(value);
        else if (before.offset != offset) {
            findings.violated(
                    "no-duplicate", "%s has %s at %d and at %d".formatted(partition, value, before.offset, offset));
        }
    }

    /// At the end, when all that is committed was read.
    public void check() {
        for (Transaction transaction : transactions) {
            boolean isWhole = transaction.read.containsAll(transaction.acknowledged);
            if (transaction.fate == Fate.COMMITTED && !isWhole) {
                findings.violated(
                        "no-committed-txn-record-lost",
                        "%s is committed; of %s only %s are there"
                                .formatted(transaction.name, transaction.acknowledged, transaction.read));
            } else if (!transaction.read.isEmpty() && !isWhole) {
                findings.violated(
                        "no-torn-txn",
                        "of %s %s are there, of %s"
                                .formatted(transaction.name, transaction.read, transaction.acknowledged));
            }
        }
    }

    public long committed() {
        return committed;
    }
}
