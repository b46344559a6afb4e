package dev.tidemark.simulator.check;

import dev.tidemark.simulator.world.Findings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
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
        private final Set<Transaction> observed = new LinkedHashSet<>();
        private int observers;
        private boolean commitWasSent;
        private Fate fate = Fate.OPEN;

        private Transaction(String name) {
            this.name = name;
        }
    }

    /// Of a record that is not made of an offset of an input.
    public static final long NO_NUMBER = -1;

    private record Written(Transaction transaction, PartitionKey partition, String key, long number) {}

    private record Keyed(PartitionKey partition, String key) {}

    private record Place(PartitionKey partition, long offset) {}

    private final Findings findings;
    private final List<Transaction> transactions = new ArrayList<>();
    private final Map<String, Written> written = new HashMap<>();
    private final Set<String> outside = new HashSet<>();
    private final Map<String, Place> places = new HashMap<>();
    private final SortedMap<Long, String> outputs = new TreeMap<>();
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

    /// @param number the offset of the input that the record is made of, or [#NO_NUMBER]
    public void onSend(Transaction transaction, PartitionKey partition, String key, String value, long number) {
        written.put(value, new Written(transaction, partition, key, number));
    }

    /// The offsets of a transaction were taken.
    public void onOffsetsTaken(Transaction transaction, Identity writer, Identity newestAtSending) {
        checkFenced("the offsets of " + transaction.name + " were taken", writer, newestAtSending);
    }

    /// Whoever has `reader` open was given a committed value of another one.
    public void onObserved(Transaction reader, String value) {
        Written one = written.get(value);
        if (one != null && one.transaction != reader) reader.observed.add(one.transaction);
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
        if (before == null) onFirstRead(one, value);
        else if (before.offset != offset) {
            findings.violated(
                    "no-duplicate", "%s has %s at %d and at %d".formatted(partition, value, before.offset, offset));
        }
    }

    private void onFirstRead(Written one, String value) {
        one.transaction.read.add(value);
        if (one.number == NO_NUMBER) return;
        String other = outputs.putIfAbsent(one.number, value);
        if (other != null)
            findings.violated("eos-exactly-once", "%s and %s are made of %d".formatted(other, value, one.number));
    }

    /// At the end: each offset of the input below the committed one has its output, and no other has.
    public void checkOutputs(long committedOffset) {
        for (long number = 0; number < committedOffset; number++) {
            if (!outputs.containsKey(number))
                findings.violated(
                        "eos-exactly-once",
                        "the input is committed up to %d, but nothing is made of %d"
                                .formatted(committedOffset, number));
        }
        outputs.tailMap(committedOffset)
                .forEach((number, value) -> findings.violated(
                        "eos-exactly-once",
                        "%s is made of %d, but the input is committed up to %d"
                                .formatted(value, number, committedOffset)));
    }

    /// At the end: a reader that has begun just now was given `values`. Of what others were given it misses only what a
    /// later record with the same key has replaced.
    public void checkKept(Set<String> values) {
        Map<Keyed, Long> newestOffsets = newestOffsets();
        new TreeMap<>(places).forEach((value, place) -> {
            Written one = written.get(value);
            if (one == null || values.contains(value)) return;
            if (newestOffsets.get(new Keyed(one.partition, one.key)) == place.offset)
                findings.violated(
                        "no-newest-value-lost",
                        "%s at %s %d, the newest of key %s, is gone"
                                .formatted(value, place.partition, place.offset, one.key));
        });
    }

    /// Of what readers were given.
    private Map<Keyed, Long> newestOffsets() {
        Map<Keyed, Long> newest = new HashMap<>();
        places.forEach((value, place) -> {
            Written one = written.get(value);
            if (one != null) newest.merge(new Keyed(one.partition, one.key), place.offset, Math::max);
        });
        return newest;
    }

    /// Of two transactions not both have read what the other wrote, nor along a longer way.
    private void checkCycles() {
        for (Transaction transaction : transactions) transaction.observed.forEach(seen -> seen.observers++);
        Deque<Transaction> free = new ArrayDeque<>();
        for (Transaction transaction : transactions) if (transaction.observers == 0) free.add(transaction);
        int done = 0;
        for (Transaction next = free.poll(); next != null; next = free.poll()) {
            done++;
            for (Transaction seen : next.observed) if (--seen.observers == 0) free.add(seen);
        }
        if (done == transactions.size()) return;
        List<String> names = transactions.stream()
                .filter(transaction -> transaction.observers > 0)
                .map(transaction -> transaction.name)
                .toList();
        findings.violated("no-write-read-cycle", "among " + names);
    }

    /// At the end, when all that is committed was read.
    public void check() {
        checkCycles();
        Set<Keyed> known = newestOffsets().keySet();
        for (Transaction transaction : transactions) {
            boolean isWhole = transaction.acknowledged.stream()
                    .allMatch(value -> transaction.read.contains(value) || isReplaced(value, known));
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

    /// Compaction may take it before anybody has read it, where another of the same key is there.
    private boolean isReplaced(String value, Set<Keyed> known) {
        Written one = written.get(value);
        return one != null && known.contains(new Keyed(one.partition, one.key));
    }

    public long committed() {
        return committed;
    }
}
