package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An immutable set of partitions that a member holds, each with the epoch in which it got it: by topic id, epoch
/// by partition. No topic without partitions.
public record EpochedPartitions(SortedMap<Uuid, SortedMap<Integer, Integer>> topics) {
    public static final EpochedPartitions NONE = new EpochedPartitions(Collections.emptySortedMap());

    /// What [#forEach] tells.
    public interface Visitor {
        void visit(Uuid topic, int partition, int epoch);
    }

    public static EpochedPartitions build(Consumer<Builder> filling) {
        Builder builder = new Builder();
        filling.accept(builder);
        return builder.build();
    }

    /// All of `partitions`, held since `epoch`.
    public static EpochedPartitions of(Assignment partitions, int epoch) {
        return build(builder -> partitions.forEach((topic, partition) -> builder.add(topic, partition, epoch)));
    }

    public boolean isEmpty() {
        return topics.isEmpty();
    }

    public boolean contains(Uuid topic, int partition) {
        return epoch(topic, partition) != null;
    }

    boolean containsAll(Assignment some) {
        for (var topic : some.topics().entrySet())
            for (int partition : topic.getValue()) if (!contains(topic.getKey(), partition)) return false;
        return true;
    }

    /// The epoch in which the member got the partition; null if it does not hold it.
    public @Nullable Integer epoch(Uuid topic, int partition) {
        SortedMap<Integer, Integer> partitions = topics.get(topic);
        return partitions == null ? null : partitions.get(partition);
    }

    public void forEach(Visitor visitor) {
        topics.forEach((topic, partitions) ->
                partitions.forEach((partition, epoch) -> visitor.visit(topic, partition, epoch)));
    }

    /// Without the epochs.
    public Assignment partitions() {
        if (isEmpty()) return Assignment.NONE;
        TreeMap<Uuid, java.util.Set<Integer>> plain = new TreeMap<>();
        topics.forEach((topic, partitions) -> plain.put(topic, partitions.keySet()));
        return Assignment.of(plain);
    }

    /// Collects partitions; for use in one place.
    public static final class Builder {
        private final TreeMap<Uuid, SortedMap<Integer, Integer>> topics = new TreeMap<>();

        private Builder() {}

        public void add(Uuid topic, int partition, int epoch) {
            topics.computeIfAbsent(topic, _ -> new TreeMap<>()).put(partition, epoch);
        }

        private EpochedPartitions build() {
            if (topics.isEmpty()) return NONE;
            topics.replaceAll((_, partitions) -> Collections.unmodifiableSortedMap(partitions));
            return new EpochedPartitions(Collections.unmodifiableSortedMap(topics));
        }
    }
}
