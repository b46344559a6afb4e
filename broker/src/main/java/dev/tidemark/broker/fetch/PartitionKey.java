package dev.tidemark.broker.fetch;

import dev.tidemark.base.Uuid;

/// A partition as a fetch names it: by topic id from version 13 on, by topic name before; the other is empty.
public record PartitionKey(Uuid topicId, String topic, int partition) {
    @Override
    public String toString() {
        return (topicId.isZero() ? topic : topicId) + "-" + partition;
    }
}
