package dev.tidemark.coordinator.group.consumer;

import dev.tidemark.base.Uuid;

/// A partition by the id of its topic.
record TopicIdPartition(Uuid topicId, int partition) {}
