package dev.tidemark.broker.control;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.storage.directory.LogDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which of this broker's replicas its disks keep from working, told whenever that has changed. Owner: the executor of
/// [ReplicaLifecycle].
final class OfflineReport {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineReport.class);
    /// What is told lies in one znode, which takes 1 MB: so many it holds even if each is of another topic.
    private static final int REPLICAS_MAX = 25_000;

    private final Partitions partitions;
    private final Supplier<List<LogDirectory>> directories;
    private final Consumer<OfflineReplicas> listener;
    private OfflineReplicas told = OfflineReplicas.NONE;

    OfflineReport(Partitions partitions, Supplier<List<LogDirectory>> directories, Consumer<OfflineReplicas> listener) {
        this.partitions = partitions;
        this.directories = directories;
        this.listener = listener;
    }

    /// Looks anew.
    void update() {
        OfflineReplicas now = look();
        if (now.equals(told)) return;
        told = now;
        listener.accept(now);
    }

    private OfflineReplicas look() {
        List<LogDirectory> all = directories.get();
        boolean anyOnline = false;
        boolean anyOffline = false;
        for (LogDirectory directory : all) {
            if (directory.isOnline()) anyOnline = true;
            else anyOffline = true;
        }
        if (anyOffline && !anyOnline) return OfflineReplicas.ALL;
        if (!anyOffline && partitions.offline().isEmpty()) return OfflineReplicas.NONE;
        SortedMap<Uuid, List<Integer>> byTopic = new TreeMap<>();
        int left = REPLICAS_MAX;
        for (Partition partition : partitions.all()) {
            if (partition.isOffline() && left-- > 0) add(byTopic, partition.topicId(), partition.id());
        }
        for (var entry : partitions.offline().entrySet()) {
            if (left-- > 0) add(byTopic, entry.getValue(), entry.getKey());
        }
        if (left < 0) {
            LOG.error("{} more replicas are offline than the cluster can be told of: they stay as they are.", -left);
        }
        return new OfflineReplicas(false, byTopic);
    }

    private static void add(SortedMap<Uuid, List<Integer>> byTopic, Uuid topicId, TopicPartition id) {
        byTopic.computeIfAbsent(topicId, _ -> new ArrayList<>()).add(id.partition());
    }
}
