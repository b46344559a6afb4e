package dev.tidemark.simulator.check;

import dev.tidemark.base.Uuid;

/// A partition of one incarnation of a topic: a topic that was made anew under its old name is another one.
public record PartitionKey(Uuid topicId, String topic, int partition) implements Comparable<PartitionKey> {
    @Override
    public int compareTo(PartitionKey other) {
        int byId = topicId.compareTo(other.topicId);
        return byId != 0 ? byId : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
