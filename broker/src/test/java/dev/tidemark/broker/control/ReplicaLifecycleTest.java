package dev.tidemark.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// Broker 1's replicas at its start.
class ReplicaLifecycleTest {
    private final TestPartitions world = new TestPartitions();
    private final List<OfflineReplicas> offline = new ArrayList<>();
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
            offline::add,
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

    @Test
    void itTellsOfAFailedDirectoryAndOfItsReturn() {
        lifecycle.onLoaded(image(List.of(2), 4), () -> {});
        assertThat(offline).isEmpty();

        world.directory.onDiskFailure(new IOException("Input/output error"));
        lifecycle.onDirectoryChange(() -> image(List.of(2), 4));
        lifecycle.onDirectoryChange(() -> image(List.of(2), 4));
        assertThat(offline).containsExactly(OfflineReplicas.ALL);
        world.loop.pass(5_000);
        lifecycle.onDirectoryChange(() -> image(List.of(2), 4));

        assertThat(offline).containsExactly(OfflineReplicas.ALL, OfflineReplicas.NONE);
    }

    @Test
    void itTellsOfALogThatCannotBeOpenedUntilItsTopicIsGone() {
        ClusterImage image = image(List.of(2), 4);
        world.partitions.addOffline(new TopicPartition("t", 0), TestPartitions.idOf("t"));
        lifecycle.onDirectoryChange(() -> ClusterImage.EMPTY);
        assertThat(offline)
                .containsExactly(
                        new OfflineReplicas(false, new TreeMap<>(Map.of(TestPartitions.idOf("t"), List.of(0)))));

        MetadataChange gone = new MetadataChange.TopicDeleted("t", TestPartitions.idOf("t"), true);
        lifecycle.onDelta(image.with(gone), MetadataDelta.of(gone));

        assertThat(offline).last().isEqualTo(OfflineReplicas.NONE);
    }

    @Test
    void whatCouldNotBeMadeIsMadeWhenTheDiskWorks() {
        world.directory.onDiskFailure(new IOException("Input/output error"));
        lifecycle.onLoaded(image(List.of(2), 4), () -> {});
        assertThat(world.partitions.get("t", 0)).isNull();
        assertThat(world.partitions.isOffline("t", 0)).isTrue();

        world.loop.pass(5_000);
        lifecycle.onDirectoryChange(() -> image(List.of(2), 4));

        assertThat(world.partitions.get("t", 0)).isNotNull();
        assertThat(world.partitions.isOffline("t", 0)).isFalse();
        assertThat(offline).startsWith(OfflineReplicas.ALL).endsWith(OfflineReplicas.NONE);
    }

    private record Nobody() implements FollowingListener {
        @Override
        public void onFollow(Partition partition, int leaderId, int leaderEpoch) {}

        @Override
        public void onStopFollowing(Partition partition) {}
    }
}
