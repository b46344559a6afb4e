package dev.tidemark.metadata.image;

import dev.tidemark.base.Uuid;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The replicas of a living broker that its disks keep from working. Topics are named by their ids: what is told of an
/// earlier topic says nothing of a later one with its name.
///
/// @param all whether no log directory works: then every replica is meant, also those that are still to be made
/// @param byTopic partition numbers, ascending, of the topics that have any
public record OfflineReplicas(boolean all, SortedMap<Uuid, List<Integer>> byTopic) {
    public static final OfflineReplicas NONE = new OfflineReplicas(false, new TreeMap<>());
    public static final OfflineReplicas ALL = new OfflineReplicas(true, new TreeMap<>());

    public OfflineReplicas {
        SortedMap<Uuid, List<Integer>> sorted = new TreeMap<>();
        byTopic.forEach((topic, partitions) -> {
            if (!partitions.isEmpty())
                sorted.put(topic, partitions.stream().sorted().distinct().toList());
        });
        byTopic = Collections.unmodifiableSortedMap(sorted);
    }

    public boolean isEmpty() {
        return !all && byTopic.isEmpty();
    }

    public boolean contains(Uuid topicId, int partition) {
        if (all) return true;
        List<Integer> partitions = byTopic.get(topicId);
        return partitions != null && Collections.binarySearch(partitions, partition) >= 0;
    }
}
