package dev.tidemark.broker.group;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.protocol.record.Compression;
import java.util.concurrent.Executor;

/// Gives the group coordinator the partitions of `__consumer_offsets` that this broker leads, and takes them back.
public final class GroupLeadership implements LeadershipListener {
    private final GroupCoordinator groups;
    private final Compression compression;
    private final Executor diskExecutor;
    private final Clock clock;

    /// @param compression `offsets.topic.compression.codec`
    public GroupLeadership(GroupCoordinator groups, Compression compression, Executor diskExecutor, Clock clock) {
        this.groups = groups;
        this.compression = compression;
        this.diskExecutor = diskExecutor;
        this.clock = clock;
    }

    @Override
    public void onElected(Partition partition, int leaderEpoch) {
        if (!partition.id().topic().equals(GroupCoordinator.OFFSETS_TOPIC)) return;
        groups.onElected(
                partition.id().partition(),
                leaderEpoch,
                new PartitionCoordinatorLog(partition, leaderEpoch, compression, diskExecutor, clock));
    }

    @Override
    public void onResigned(Partition partition, int leaderEpoch) {
        if (!partition.id().topic().equals(GroupCoordinator.OFFSETS_TOPIC)) return;
        groups.onResigned(partition.id().partition(), leaderEpoch);
    }
}
