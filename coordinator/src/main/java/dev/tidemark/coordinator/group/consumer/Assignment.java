package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// An immutable set of partitions: by topic id, the partitions in order. No topic without partitions.
public record Assignment(SortedMap<Uuid, List<Integer>> topics) {
    public static final Assignment NONE = new Assignment(Collections.emptySortedMap());

    /// Partitions in any order.
    public static Assignment of(Map<Uuid, ? extends Collection<Integer>> partitions) {
        if (partitions.isEmpty()) return NONE;
        SortedMap<Uuid, List<Integer>> topics = new TreeMap<>();
        partitions.forEach((topic, some) -> {
            if (some.isEmpty()) return;
            List<Integer> sorted = new ArrayList<>(some);
            Collections.sort(sorted);
            topics.put(topic, Collections.unmodifiableList(sorted));
        });
        return topics.isEmpty() ? NONE : new Assignment(Collections.unmodifiableSortedMap(topics));
    }

    public boolean isEmpty() {
        return topics.isEmpty();
    }

    public boolean contains(Uuid topic, int partition) {
        List<Integer> partitions = topics.get(topic);
        return partitions != null && Collections.binarySearch(partitions, partition) >= 0;
    }

    public List<Integer> partitions(Uuid topic) {
        return topics.getOrDefault(topic, List.of());
    }

    public int size() {
        int size = 0;
        for (List<Integer> partitions : topics.values()) size += partitions.size();
        return size;
    }

    public void forEach(BiConsumer<Uuid, Integer> action) {
        topics.forEach((topic, partitions) -> {
            for (Integer partition : partitions) action.accept(topic, partition);
        });
    }
}
