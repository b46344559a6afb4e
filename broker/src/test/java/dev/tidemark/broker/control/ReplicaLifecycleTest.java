package dev.tidemark.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.storage.log.LogConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// Broker 1's replicas at its start.
class ReplicaLifecycleTest {
    private final TestPartitions world = new TestPartitions();
    private final ReplicaLifecycle lifecycle = new ReplicaLifecycle(
            1,
            world.partitions,
            () -> List.of(world.directory),
            topic -> LogConfig.DEFAULT,
            number -> world.loop,
            List.of(),
            new Nobody(),
            world.unheard(),
            world.replication(),
            Runnable::run);

    private static ClusterImage image(List<Integer> isr, int partitionEpoch) {
        PartitionRegistration partition = new PartitionRegistration(
                List.of(1, 2), List.of(), List.of(), isr, isr.isEmpty() ? -1 : isr.getLast(), 3, partitionEpoch);
        return ClusterImage.EMPTY.with(new MetadataChange.TopicCreated(
                new TopicImage("t", TestPartitions.idOf("t"), TreePVector.singleton(partition), 0)));
    }

    @Test
    void whoIsCountedOnForAFolderThatIsGoneSaysSo() {
        lifecycle.onLoaded(image(List.of(1, 2), 4), () -> {});

        assertThat(lifecycle.hasLostLogs()).isTrue();
    }

    @Test
    void nothingIsLostWhereNobodyCountsOnTheFolderYet() {
        lifecycle.onLoaded(image(List.of(2), 4), () -> {});
        assertThat(lifecycle.hasLostLogs()).isFalse();
    }

    @Test
    void nothingIsLostWhereTheFolderIsThere() {
        world.held("t", 0).close(log -> {});
        world.partitions.remove(world.partitions.all().getFirst());

        lifecycle.onLoaded(image(List.of(1, 2), 4), () -> {});

        assertThat(lifecycle.hasLostLogs()).isFalse();
    }

    private record Nobody() implements FollowingListener {
        @Override
        public void onFollow(Partition partition, int leaderId, int leaderEpoch) {}

        @Override
        public void onStopFollowing(Partition partition) {}
    }
}
