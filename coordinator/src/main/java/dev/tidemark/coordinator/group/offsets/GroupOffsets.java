package dev.tidemark.coordinator.group.offsets;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The committed offsets of one group. Mutable; owner: the coordinator shard's serial. Unlike the rest of a group
/// it is not an immutable value, because a commit is the most frequent change and a group may have many thousands
/// of them.
public final class GroupOffsets {
    private final SortedMap<String, SortedMap<Integer, CommittedOffset>> topics = new TreeMap<>();

    public @Nullable CommittedOffset get(String topic, int partition) {
        SortedMap<Integer, CommittedOffset> partitions = topics.get(topic);
        return partitions == null ? null : partitions.get(partition);
    }

    public boolean isEmpty() {
        return topics.isEmpty();
    }

    public Set<String> topicNames() {
        return Collections.unmodifiableSet(topics.keySet());
    }

    /// The committed partitions of `topic`, in order.
    public Map<Integer, CommittedOffset> partitions(String topic) {
        return Collections.unmodifiableMap(topics.getOrDefault(topic, Collections.emptySortedMap()));
    }

    public void put(String topic, int partition, CommittedOffset offset) {
        topics.computeIfAbsent(topic, _ -> new TreeMap<>()).put(partition, offset);
    }

    public void remove(String topic, int partition) {
        SortedMap<Integer, CommittedOffset> partitions = topics.get(topic);
        if (partitions == null) return;
        partitions.remove(partition);
        if (partitions.isEmpty()) topics.remove(topic);
    }

    /// The topics and partitions in text, for tests and logs.
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        topics.forEach((topic, partitions) ->
                partitions.forEach((partition, offset) -> lines.add(topic + "-" + partition + "=" + offset.offset())));
        return lines.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GroupOffsets that && topics.equals(that.topics);
    }

    @Override
    public int hashCode() {
        return topics.hashCode();
    }
}
