package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AddOffsetsToTxnResponse;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse;
import dev.tidemark.protocol.message.EndTxnResponse;
import dev.tidemark.protocol.message.InitProducerIdRequest;
import dev.tidemark.protocol.message.InitProducerIdResponse;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.check.TransactionHistory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Commits or aborts one small transaction after the other. In transaction version 2 partitions join by the first
/// record, and each end gives the next epoch; in version 1 the producer has them join, and keeps its epoch as long as
/// it knows what has become of each record. With [Work] each transaction takes the next few offsets of an input,
/// writes a record for each, and commits how far it got. Meanwhile it reads what others have committed. It repeats
/// what is not answered, and where that leads nowhere it begins a new session with the same transactional id. Several
/// producers that share an id put each other out.
///
/// With `takesOver` it sometimes forgets who it is before it ends a transaction, takes it over as another would, and
/// ends it as what it is told to be (KIP-939).
public final class TransactionalProducer {
    private static final long TIMEOUT_MS = 5_000;
    private static final long BACKOFF_MS = 150;
    private static final long AGE_MS_MAX = 20_000;
    private static final int TRANSACTION_TIMEOUT_MS = 10_000;

    private final ClientHost host;
    private final TransactionalIdentity identity;
    private final TopicMap topics;
    private final TransactionHistory history;
    private final Coordinator coordinator;
    private final @Nullable Work work;
    private final boolean takesOver;
    /// What takes part in the open transaction, in version 1.
    private final Set<String> joined = new HashSet<>();
    private int session;
    /// Every answer of an earlier attempt is ignored.
    private int attempt;

    private int count;
    private boolean finishing;
    private boolean idle;
    private String waitsFor = "";
    private long begunMs;
    /// Where the input goes on after this transaction.
    private long next;
    private TransactionHistory.@Nullable Transaction transaction;
    private List<TransactionalIdentity.Write> writes = List.of();

    /// @param work what it works off; null where it makes its records up
    /// @param takesOver whether the brokers serve that; producers of version 1 do not know it
    public TransactionalProducer(
            ClientHost host,
            String transactionalId,
            String topic,
            TransactionHistory history,
            @Nullable Work work,
            boolean takesOver) {
        this.host = host;
        this.identity = new TransactionalIdentity(transactionalId, (int) TIMEOUT_MS);
        this.topics = new TopicMap(host, List.of(topic));
        this.history = history;
        this.coordinator = new Coordinator(host, Coordinator.TRANSACTION, transactionalId);
        this.work = work;
        this.takesOver = takesOver && host.version() == TransactionVersion.TWO;
        var _ = new CommittedReader(host, topic, history, this::onSeen);
        newSession("it is there");
    }

    private void onSeen(String value) {
        TransactionHistory.Transaction open = transaction;
        if (open != null) history.onObserved(open, value);
    }

    /// No new transactions.
    public void finish() {
        finishing = true;
    }

    public boolean isDone() {
        return finishing && idle;
    }

    /// What it waits for, or has waited for last.
    @Override
    public String toString() {
        return host.name() + ": " + waitsFor;
    }

    private void later(String why, Runnable task) {
        waitsFor = why;
        int mine = attempt;
        host.after(BACKOFF_MS + host.random().nextLong(BACKOFF_MS), () -> {
            if (mine == attempt) task.run();
        });
    }

    private void newSession(String why) {
        host.cluster().world().findings().tell(host.name() + " takes " + identity.transactionalId() + ": " + why);
        attempt++;
        transaction = null;
        if (finishing) {
            idle = true;
            return;
        }
        later("a new session", this::init);
    }

    private void init() {
        askForId(false, this::onInit, () -> later("no answer to whether it has the id", this::init));
    }

    /// @param keeps what is open, to be ended by this one
    private void askForId(boolean keeps, Consumer<InitProducerIdResponse> onAnswer, Runnable onNone) {
        InitProducerIdRequest request = InitProducerIdRequest.builder()
                .transactionalId(identity.transactionalId())
                .transactionTimeoutMs(TRANSACTION_TIMEOUT_MS)
                .keepPreparedTxn(keeps)
                .build();
        int mine = ++attempt;
        coordinator.call(
                request,
                InitProducerIdResponse.class,
                TIMEOUT_MS,
                response -> {
                    if (mine == attempt) onAnswer.accept(response);
                },
                () -> {
                    if (mine == attempt) onNone.run();
                });
    }

    private void onInit(InitProducerIdResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error != ErrorCode.NONE) {
            later("a producer id is refused by " + error, this::init);
            return;
        }
        become(response);
        session++;
        begin();
    }

    private void become(InitProducerIdResponse response) {
        identity.become(response.producerId(), response.producerEpoch());
        history.onGiven(identity.transactionalId(), identity.current());
    }

    private TransactionHistory.Identity newest() {
        return history.newest(identity.transactionalId());
    }

    private void begin() {
        transaction = null;
        List<PartitionKey> partitions = topics.partitions();
        if (finishing) {
            idle = true;
            attempt++;
            return;
        }
        if (partitions.isEmpty()) {
            later("no partition is known", this::begin);
            return;
        }
        Work input = work;
        if (input == null) {
            begin(partitions, TransactionHistory.NO_NUMBER);
            return;
        }
        int mine = ++attempt;
        input.fetch(
                from -> {
                    if (mine == attempt) begin(partitions, from);
                },
                () -> {
                    if (mine == attempt) later("nobody tells how far the input is worked off", this::begin);
                });
    }

    /// @param from the first offset of the input that it works off
    private void begin(List<PartitionKey> partitions, long from) {
        String name = host.name() + "/" + session + "/" + ++count;
        begunMs = host.nowMs();
        TransactionHistory.Transaction begun = history.onBegin(name);
        transaction = begun;
        joined.clear();
        writes = new ArrayList<>();
        int records = 1 + host.random().nextInt(4);
        for (int i = 0; i < records; i++) {
            PartitionKey partition = partitions.get(host.random().nextInt(partitions.size()));
            String value = name + "#" + i;
            // Each output of an input is looked for: it must not be replaced.
            boolean isShared = work == null && host.random().nextInt(3) == 0;
            String key = isShared ? "shared-" + host.random().nextInt(4) : value;
            writes.add(identity.write(partition, key, value));
            history.onSend(begun, partition, key, value, work == null ? from : from + i);
        }
        next = from + records;
        write(begun, 0);
    }

    private boolean isTooOld(TransactionHistory.Transaction of) {
        if (host.nowMs() - begunMs <= AGE_MS_MAX) return false;
        history.onAborted(of);
        newSession("a transaction got too old");
        return true;
    }

    private void write(TransactionHistory.Transaction of, int index) {
        if (isTooOld(of)) return;
        if (index == writes.size()) {
            boolean commit = host.random().nextInt(5) != 0;
            Work input = work;
            if (input == null) finish(of, commit);
            else commitInput(of, input, commit);
            return;
        }
        TransactionalIdentity.Write write = writes.get(index);
        Runnable again = () -> write(of, index);
        if (mustJoin(write.partition().toString())) {
            join(of, write.partition(), again);
            return;
        }
        TopicMap.Leader leader = topics.leader(write.partition());
        if (leader == null) {
            topics.refresh();
            later(write.partition() + " is to take " + write.value(), again);
            return;
        }
        TransactionHistory.Identity newest = newest();
        int mine = ++attempt;
        host.call(
                leader.broker(),
                identity.produce(write, host.wallMs()),
                ProduceResponse.class,
                TIMEOUT_MS,
                response -> {
                    if (mine == attempt) onWritten(of, index, response, newest);
                },
                _ -> {
                    if (mine != attempt) return;
                    topics.refresh();
                    later(write.partition() + " is to take " + write.value(), again);
                });
    }

    private boolean mustJoin(String part) {
        return host.version() == TransactionVersion.ONE && !joined.contains(part);
    }

    private void join(TransactionHistory.Transaction of, PartitionKey partition, Runnable next) {
        join(
                of,
                partition.toString(),
                identity.join(partition),
                AddPartitionsToTxnResponse.class,
                response -> response.resultsByTopicV3AndBelow()
                        .getFirst()
                        .resultsByPartition()
                        .getFirst()
                        .partitionErrorCode(),
                next);
    }

    private <R extends Response> void join(
            TransactionHistory.Transaction of,
            String part,
            Request request,
            Class<R> type,
            ToIntFunction<R> errorOf,
            Runnable next) {
        int mine = ++attempt;
        coordinator.call(
                request,
                type,
                TIMEOUT_MS,
                response -> {
                    if (mine != attempt) return;
                    ErrorCode error = ErrorCode.forCode((short) errorOf.applyAsInt(response));
                    coordinator.learn(error);
                    if (error == ErrorCode.NONE) {
                        joined.add(part);
                        next.run();
                    } else {
                        onRefused(of, "that " + part + " takes part", error, next);
                    }
                },
                () -> {
                    if (mine == attempt) later("no answer to whether " + part + " takes part", next);
                });
    }

    private void commitInput(TransactionHistory.Transaction of, Work input, boolean commit) {
        if (isTooOld(of)) return;
        Runnable again = () -> commitInput(of, input, commit);
        if (mustJoin(input.group())) {
            join(
                    of,
                    input.group(),
                    identity.joinOffsets(input.group()),
                    AddOffsetsToTxnResponse.class,
                    AddOffsetsToTxnResponse::errorCode,
                    again);
            return;
        }
        TransactionHistory.Identity newest = newest();
        int mine = ++attempt;
        input.commit(
                identity,
                next,
                error -> {
                    if (mine == attempt) onInputCommitted(of, input, commit, error, newest);
                },
                () -> {
                    if (mine == attempt) later("no answer to offsets", again);
                });
    }

    private void onInputCommitted(
            TransactionHistory.Transaction of,
            Work input,
            boolean commit,
            ErrorCode error,
            TransactionHistory.Identity newest) {
        if (error == ErrorCode.NONE) {
            history.onOffsetsTaken(of, identity.current(), newest);
            finish(of, commit);
        } else {
            onRefused(of, "the offsets", error, () -> commitInput(of, input, commit));
        }
    }

    /// In version 1 the next transaction would go on in the same epoch, behind records of which nobody knows whether
    /// they are there.
    private void onRefused(TransactionHistory.Transaction of, String what, ErrorCode error, Runnable again) {
        if (error == ErrorCode.TRANSACTION_ABORTABLE && host.version() == TransactionVersion.TWO) {
            end(of, false);
        } else if (error.isRetriable() || error == ErrorCode.CONCURRENT_TRANSACTIONS) {
            later(what + ": refused by " + error, again);
        } else {
            history.onAborted(of);
            newSession(what + ": answered by " + error);
        }
    }

    private void onWritten(
            TransactionHistory.Transaction of,
            int index,
            ProduceResponse response,
            TransactionHistory.Identity newest) {
        var answer = response.responses().getFirst().partitionResponses().getFirst();
        ErrorCode error = ErrorCode.forCode(answer.errorCode());
        TransactionalIdentity.Write write = writes.get(index);
        if (error == ErrorCode.NONE || error == ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
            history.onAcked(of, write.value(), identity.current(), newest);
            write(of, index + 1);
            return;
        }
        if (error.isRetriable()) {
            var leader = answer.currentLeader();
            if (leader.leaderId() >= 0) topics.learn(write.partition(), leader.leaderId(), leader.leaderEpoch());
            topics.refresh();
        }
        onRefused(of, write.value() + " to " + write.partition(), error, () -> write(of, index));
    }

    /// All is written.
    private void finish(TransactionHistory.Transaction of, boolean commit) {
        if (takesOver && host.random().nextInt(2) == 0) takeOver(of, commit, identity.current());
        else end(of, commit);
    }

    private void takeOver(TransactionHistory.Transaction of, boolean commit, TransactionHistory.Identity writer) {
        askForId(
                true,
                response -> onTaken(of, commit, writer, response),
                () -> later("no answer to what is open", () -> takeOver(of, commit, writer)));
    }

    private void onTaken(
            TransactionHistory.Transaction of,
            boolean commit,
            TransactionHistory.Identity writer,
            InitProducerIdResponse response) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error != ErrorCode.NONE) {
            later("what is open is refused by " + error, () -> takeOver(of, commit, writer));
            return;
        }
        var open = new TransactionHistory.Identity(response.ongoingTxnProducerId(), response.ongoingTxnProducerEpoch());
        if (!open.equals(writer)) {
            history.onAborted(of);
            newSession("what it has prepared is over, and there is " + open);
            return;
        }
        become(response);
        host.cluster()
                .world()
                .findings()
                .tell(host.name() + " takes over what it has prepared, as " + identity.current());
        end(of, commit);
    }

    private void end(TransactionHistory.Transaction of, boolean commit) {
        transaction = null; // What it reads from now on may be of those that have seen it committed.
        if (commit) history.onCommitSent(of);
        else history.onAborted(of);
        TransactionHistory.Identity newest = newest();
        int mine = ++attempt;
        coordinator.call(
                identity.end(commit),
                EndTxnResponse.class,
                TIMEOUT_MS,
                response -> {
                    if (mine == attempt) onEnded(of, commit, response, newest);
                },
                () -> {
                    if (mine == attempt) later("no answer to an end", () -> end(of, commit));
                });
    }

    private void onEnded(
            TransactionHistory.Transaction of,
            boolean commit,
            EndTxnResponse response,
            TransactionHistory.Identity newest) {
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        coordinator.learn(error);
        if (error == ErrorCode.NONE) {
            if (commit) history.onCommitted(of, identity.current(), newest);
            if (host.version() == TransactionVersion.TWO)
                identity.become(response.producerId(), response.producerEpoch());
            later("the next transaction", this::begin);
        } else if (error.isRetriable() || error == ErrorCode.CONCURRENT_TRANSACTIONS) {
            later("an end is refused by " + error, () -> end(of, commit));
        } else {
            newSession("the end of a transaction is answered by " + error);
        }
    }
}
