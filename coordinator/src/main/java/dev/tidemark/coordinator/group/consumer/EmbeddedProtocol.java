package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.coordinator.runtime.VersionedMessage;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolAssignment;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolSubscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What consumers tell each other inside of the classic protocol, which the coordinator must understand to know
/// what members subscribe to, and to move groups between the protocols.
public final class EmbeddedProtocol {
    private EmbeddedProtocol() {}

    /// What a consumer says in JoinGroup.
    public record Joined(short version, ConsumerProtocolSubscription subscription) {
        /// What it says it holds.
        Assignment owned(MetadataView metadata) {
            Map<Uuid, Set<Integer>> owned = new TreeMap<>();
            for (ConsumerProtocolSubscription.TopicPartition one : subscription.ownedPartitions())
                put(owned, metadata, one.topic(), one.partitions());
            return Assignment.of(owned);
        }
    }

    /// Null where the bytes are not a consumer's.
    public static @Nullable Joined readSubscription(Bytes bytes) {
        try {
            Reader reader = new Reader(bytes.asByteBuffer(), Reader.ARRAY_ELEMENTS_MAX);
            short version = reader.readShort();
            if (version < 0) return null;
            short known = (short) Math.min(version, ConsumerProtocolSubscription.HIGHEST_VERSION);
            return new Joined(version, ConsumerProtocolSubscription.read(reader, known));
        } catch (MalformedException malformed) {
            return null;
        }
    }

    /// What a leader gave to a consumer; topics that do not exist any more are left out. Null where the bytes are
    /// not an assignment, or hold data of an assignor that the coordinator does not know.
    static @Nullable Assignment readAssignment(Bytes bytes, MetadataView metadata) {
        if (bytes.isEmpty()) return Assignment.NONE;
        try {
            Reader reader = new Reader(bytes.asByteBuffer(), Reader.ARRAY_ELEMENTS_MAX);
            short version = (short) Math.min(reader.readShort(), ConsumerProtocolAssignment.HIGHEST_VERSION);
            if (version < 0) return null;
            ConsumerProtocolAssignment assignment = ConsumerProtocolAssignment.read(reader, version);
            if (assignment.userData() != null && !assignment.userData().isEmpty()) return null;
            Map<Uuid, Set<Integer>> partitions = new TreeMap<>();
            for (ConsumerProtocolAssignment.TopicPartition one : assignment.assignedPartitions())
                put(partitions, metadata, one.topic(), one.partitions());
            return Assignment.of(partitions);
        } catch (MalformedException malformed) {
            return null;
        }
    }

    static Bytes writeAssignment(Assignment assignment, MetadataView metadata, short version) {
        List<ConsumerProtocolAssignment.TopicPartition> topics = new ArrayList<>();
        for (var one : assignment.topics().entrySet()) {
            MetadataView.Topic topic = metadata.topic(one.getKey());
            if (topic == null) continue;
            topics.add(ConsumerProtocolAssignment.TopicPartition.builder()
                    .topic(topic.name())
                    .partitions(one.getValue())
                    .build());
        }
        short known = (short) Math.min(version, ConsumerProtocolAssignment.HIGHEST_VERSION);
        ConsumerProtocolAssignment message =
                ConsumerProtocolAssignment.builder().assignedPartitions(topics).build();
        return VersionedMessage.write(known, message);
    }

    private static void put(
            Map<Uuid, Set<Integer>> into, MetadataView metadata, String name, List<Integer> partitions) {
        MetadataView.Topic topic = metadata.topic(name);
        if (topic != null)
            into.computeIfAbsent(topic.id(), _ -> new HashSet<>()).addAll(partitions);
    }
}
