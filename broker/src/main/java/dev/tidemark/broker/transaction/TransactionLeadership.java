package dev.tidemark.broker.transaction;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.group.PartitionCoordinatorLog;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.protocol.record.Compression;
import java.util.concurrent.Executor;

/// Gives the transaction coordinator the partitions of `__transaction_state` that this broker leads, and takes them
/// back.
///
/// Owner: the one thread that carries out leaderships.
public final class TransactionLeadership implements LeadershipListener {
    private final TransactionCoordinator transactions;
    private final Executor diskExecutor;
    private final Clock clock;
    private Uuid topicId = Uuid.ZERO;

    public TransactionLeadership(TransactionCoordinator transactions, Executor diskExecutor, Clock clock) {
        this.transactions = transactions;
        this.diskExecutor = diskExecutor;
        this.clock = clock;
    }

    @Override
    public void onElected(Partition partition, int leaderEpoch) {
        if (!partition.id().topic().equals(TransactionCoordinator.TRANSACTION_TOPIC)) return;
        // The epochs of a topic that was deleted and made again begin anew, and so do its shards.
        if (!topicId.isZero() && !topicId.equals(partition.topicId())) transactions.onTopicDeleted();
        topicId = partition.topicId();
        transactions.onElected(
                partition.id().partition(),
                leaderEpoch,
                new PartitionCoordinatorLog(partition, leaderEpoch, Compression.NONE, diskExecutor, clock));
    }

    @Override
    public void onResigned(Partition partition, int leaderEpoch) {
        if (!partition.id().topic().equals(TransactionCoordinator.TRANSACTION_TOPIC)) return;
        transactions.onResigned(partition.id().partition(), leaderEpoch);
    }
}
