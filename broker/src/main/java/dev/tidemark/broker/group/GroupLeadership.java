package dev.tidemark.broker.group;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.protocol.record.Compression;
import java.util.concurrent.Executor;

/// Gives the group coordinator the partitions of `__consumer_offsets` that this broker leads, and takes them back.
///
/// Owner: the one thread that carries out leaderships.
public final class GroupLeadership implements LeadershipListener {
    private final GroupCoordinator groups;
    private final Compression compression;
    private final Executor diskExecutor;
    private final Clock clock;
    private Uuid offsetsTopicId = Uuid.ZERO;

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
        forgetEarlierTopic(partition.topicId());
        groups.onElected(
                partition.id().partition(),
                leaderEpoch,
                new PartitionCoordinatorLog(partition, leaderEpoch, compression, diskExecutor, clock));
    }

    /// The epochs of a topic that was deleted and made again begin anew, and so do its shards.
    private void forgetEarlierTopic(Uuid topicId) {
        if (!offsetsTopicId.isZero() && !offsetsTopicId.equals(topicId)) groups.onOffsetsTopicDeleted();
        offsetsTopicId = topicId;
    }

    @Override
    public void onResigned(Partition partition, int leaderEpoch) {
        if (!partition.id().topic().equals(GroupCoordinator.OFFSETS_TOPIC)) return;
        groups.onResigned(partition.id().partition(), leaderEpoch);
    }
}
