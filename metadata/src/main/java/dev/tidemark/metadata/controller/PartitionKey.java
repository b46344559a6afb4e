package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.TopicImage;

/// Which partition an election is about: its topic's name has configs, its topic's id has offline replicas.
record PartitionKey(String topic, Uuid topicId, int index) {
    static PartitionKey of(TopicImage topic, int index) {
        return new PartitionKey(topic.name(), topic.id(), index);
    }

    TopicPartition id() {
        return new TopicPartition(topic, index);
    }
}
