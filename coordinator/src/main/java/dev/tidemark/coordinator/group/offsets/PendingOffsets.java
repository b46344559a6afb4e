package dev.tidemark.coordinator.group.offsets;

import dev.tidemark.base.TopicPartition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Offsets of a group whose transactions are open. Mutable; owner: the group's shard.
///
/// As in Kafka the later record wins, not the later end: an offset that was committed after a pending one was written
/// takes its place for good, whatever becomes of that transaction.
public final class PendingOffsets {
    private record Pending(long order, CommittedOffset offset) {}

    private final SortedMap<Long, SortedMap<TopicPartition, Pending>> byProducer = new TreeMap<>();
    private long orders;

    public boolean isEmpty() {
        return byProducer.isEmpty();
    }

    public boolean has(String topic, int partition) {
        TopicPartition id = new TopicPartition(topic, partition);
        return byProducer.values().stream().anyMatch(offsets -> offsets.containsKey(id));
    }

    public void put(long producerId, String topic, int partition, CommittedOffset offset) {
        byProducer
                .computeIfAbsent(producerId, _ -> new TreeMap<>())
                .put(new TopicPartition(topic, partition), new Pending(++orders, offset));
    }

    /// Something newer has taken the place of all that is pending.
    public void forget(String topic, int partition) {
        forgetUpTo(new TopicPartition(topic, partition), Long.MAX_VALUE);
    }

    private void forgetUpTo(TopicPartition partition, long order) {
        for (Map<TopicPartition, Pending> offsets : byProducer.values()) {
            Pending pending = offsets.get(partition);
            if (pending != null && pending.order <= order) offsets.remove(partition);
        }
        byProducer.values().removeIf(Map::isEmpty);
    }

    /// The producer's transaction ended: committed, its offsets go to `offsets`.
    public void end(long producerId, boolean commit, GroupOffsets offsets) {
        SortedMap<TopicPartition, Pending> ended = byProducer.remove(producerId);
        if (ended == null || !commit) return;
        ended.forEach((partition, pending) -> {
            offsets.put(partition.topic(), partition.partition(), pending.offset);
            forgetUpTo(partition, pending.order);
        });
    }
}
