package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.time.Loop;
import dev.tidemark.coordinator.runtime.Caller;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.Outbox;
import dev.tidemark.coordinator.runtime.Shard;
import dev.tidemark.coordinator.runtime.ShardConfig;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// The transaction coordinator of a broker: the shards of `__transaction_state` that it leads. Callable from any
/// thread; nothing blocks. Futures never complete exceptionally; they complete inside the shard's serial, so that
/// what hangs on them must be short.
public final class TransactionCoordinator {
    public static final String TRANSACTION_TOPIC = "__transaction_state";

    private final Map<Integer, Shard<TransactionMachine, TransactionInput, TransactionFact, TransactionReply>> shards =
            new ConcurrentSkipListMap<>();
    private final Supplier<TransactionConfig> config;
    private final IntSupplier partitionCount;
    private final IntFunction<Loop> loopOfPartition;
    private final Executor background;
    private final MarkerOutbox markers;

    /// Who writes the decisions into the partitions, and tells of it by [TransactionCoordinator#submit].
    public interface MarkerOutbox {
        /// Called in a shard's serial: must be quick and must not block.
        ///
        /// @param partition of the transaction topic
        /// @param coordinatorEpoch the leader epoch of that partition
        void write(int partition, int coordinatorEpoch, String transactionalId, WriteMarkers markers);
    }

    /// @param config the broker's settings, asked at each decision
    /// @param partitionCount of the transaction topic, 0 while it is not there
    /// @param loopOfPartition where the timers of a partition fire
    public TransactionCoordinator(
            Supplier<TransactionConfig> config,
            IntSupplier partitionCount,
            IntFunction<Loop> loopOfPartition,
            Executor background,
            MarkerOutbox markers) {
        this.config = config;
        this.partitionCount = partitionCount;
        this.loopOfPartition = loopOfPartition;
        this.background = background;
        this.markers = markers;
    }

    /// The partition of the transaction topic that owns the id: Kafka's rule.
    public int partitionFor(String transactionalId) {
        int known = partitionCount.getAsInt();
        int partitions = known > 0 ? known : config.get().topicPartitions();
        int hash = transactionalId.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % partitions;
    }

    /// This broker leads the partition from `leaderEpoch` on: the log is replayed, then its ids are served.
    public void onElected(int partition, int leaderEpoch, CoordinatorLog log) {
        shards.computeIfAbsent(partition, this::create).onElected(leaderEpoch, log);
    }

    /// This broker does not lead the partition from `leaderEpoch` on.
    public void onResigned(int partition, int leaderEpoch) {
        var shard = shards.get(partition);
        if (shard != null) shard.onResigned(leaderEpoch);
    }

    /// The transaction topic is gone: should it come back, then as another one, whose leader epochs begin anew.
    public void onTopicDeleted() {
        shutdown();
        shards.clear();
    }

    /// Answers everybody who waits with NOT_COORDINATOR. Nothing is served afterwards.
    public void shutdown() {
        for (var shard : shards.values()) shard.onResigned(Integer.MAX_VALUE);
    }

    private Shard<TransactionMachine, TransactionInput, TransactionFact, TransactionReply> create(int partition) {
        ShardConfig defaults = ShardConfig.defaults();
        ShardConfig shardConfig = new ShardConfig(
                defaults.commitTimeoutMs(),
                defaults.batchBytesMax(),
                config.get().expiryCheckIntervalMs(),
                defaults.retryBackoffMs(),
                defaults.reloadBackoffMs());
        Outbox outbox = (leaderEpoch, transactionalId, message) ->
                markers.write(partition, leaderEpoch, transactionalId, (WriteMarkers) message);
        return new Shard<>(
                TRANSACTION_TOPIC + "-" + partition,
                shardConfig,
                loopOfPartition.apply(partition),
                background,
                () -> new TransactionMachine(config),
                outbox);
    }

    /// Whether this broker leads the partition in that epoch: whoever writes its decisions stops when it does not.
    public boolean isLedIn(int partition, int leaderEpoch) {
        var shard = shards.get(partition);
        return shard != null && shard.isLedIn(leaderEpoch);
    }

    /// Gives the input to an id. The answer is [TransactionReply.Failed] where the shard cannot give one.
    public CompletableFuture<TransactionReply> submit(String transactionalId, TransactionInput input) {
        Answer answer = new Answer();
        var shard = shards.get(partitionFor(transactionalId));
        if (shard == null) answer.fail(ErrorCode.NOT_COORDINATOR);
        else shard.submit(transactionalId, input, answer);
        return answer.future;
    }

    /// All ids of every shard that is led here: [TransactionReply.Listed] or [TransactionReply.Failed] of each.
    public List<CompletableFuture<TransactionReply>> listAll() {
        List<CompletableFuture<TransactionReply>> answers = new ArrayList<>();
        for (var shard : shards.values()) {
            if (shard.state() == Shard.State.INACTIVE) continue;
            Answer answer = new Answer();
            shard.read(TransactionMachine::list, answer);
            answers.add(answer.future);
        }
        return answers;
    }

    private static final class Answer implements Caller<TransactionReply> {
        private final CompletableFuture<TransactionReply> future = new CompletableFuture<>();

        @Override
        public void reply(TransactionReply reply) {
            future.complete(reply);
        }

        @Override
        public void fail(ErrorCode error) {
            boolean isLate = error == ErrorCode.REQUEST_TIMED_OUT;
            future.complete(new TransactionReply.Failed(isLate ? ErrorCode.COORDINATOR_NOT_AVAILABLE : error));
        }
    }
}
