package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.MetadataView;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A fingerprint of the topics that a group subscribes to: it changes when one comes, goes, grows, or moves to
/// other racks.
///
/// Ours differs from Kafka's for the same topics, which does no harm: a group that moves between the two systems
/// has its assignment computed once more.
final class SubscribedTopics {
    private static final long SEED = 0x9E3779B97F4A7C15L;

    private SubscribedTopics() {}

    /// 0 where none of the topics exists. Independent of the order of the names.
    static long hash(Collection<String> names, MetadataView metadata) {
        long sum = 0;
        for (String name : names) {
            MetadataView.Topic topic = metadata.topic(name);
            if (topic != null) sum += hash(topic);
        }
        return sum;
    }

    private static long hash(MetadataView.Topic topic) {
        long hash = SEED;
        for (byte one : topic.name().getBytes(StandardCharsets.UTF_8)) hash = mix(hash ^ one);
        hash = mix(hash ^ topic.id().mostSignificantBits());
        hash = mix(hash ^ topic.id().leastSignificantBits());
        hash = mix(hash ^ topic.partitions());
        for (List<String> racks : topic.racks()) {
            hash = mix(hash ^ racks.size());
            for (String rack : racks) for (byte one : rack.getBytes(StandardCharsets.UTF_8)) hash = mix(hash ^ one);
        }
        return hash;
    }

    /// The finalizer of splitmix64.
    private static long mix(long value) {
        long mixed = value + SEED;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /// How many partitions each of the topics has, by id; topics that do not exist are left out.
    static SortedMap<Uuid, Integer> partitions(Collection<String> names, MetadataView metadata) {
        SortedMap<Uuid, Integer> partitions = new TreeMap<>();
        for (String name : names) {
            MetadataView.Topic topic = metadata.topic(name);
            if (topic != null) partitions.put(topic.id(), topic.partitions());
        }
        return partitions;
    }
}
