package dev.tidemark.client.admin;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.internaltopic.ConsumerProtocolAssignment;
import java.util.ArrayList;
import java.util.List;

/// What a classic consumer group's leader gave to a member. Groups of other kinds (Connect) carry bytes of their own,
/// which read as nothing.
final class ClassicAssignment {
    private ClassicAssignment() {}

    static List<TopicPartition> read(Bytes bytes) {
        if (bytes.isEmpty()) return List.of();
        List<TopicPartition> partitions = new ArrayList<>();
        try {
            Reader reader = new Reader(bytes.asByteBuffer());
            short version = (short) Math.min(reader.readShort(), ConsumerProtocolAssignment.HIGHEST_VERSION);
            for (var topic : ConsumerProtocolAssignment.read(reader, version).assignedPartitions())
                for (int partition : topic.partitions()) partitions.add(new TopicPartition(topic.topic(), partition));
        } catch (MalformedException notAConsumer) {
            return List.of();
        }
        partitions.sort(null);
        return partitions;
    }
}
