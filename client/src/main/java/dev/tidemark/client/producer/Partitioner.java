package dev.tidemark.client.producer;

import dev.tidemark.base.Bytes;

/// Chooses the partition of a record that names none. Called by one thread at a time.
public interface Partitioner {
    /// @param partitions how many the topic has, at least 1
    int partition(ProducerRecord record, int partitions);

    /// A batch of the topic is full: records without a key may go elsewhere now.
    default void onBatchClosed(String topic) {}

    /// As in Kafka's Java client, so that records of one key lie together whoever wrote them.
    static int ofKey(Bytes key, int partitions) {
        return (Murmur2.hash(key.asByteBuffer()) & Integer.MAX_VALUE) % partitions;
    }
}
