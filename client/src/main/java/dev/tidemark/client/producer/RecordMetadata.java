package dev.tidemark.client.producer;

import dev.tidemark.base.TopicPartition;

/// Where a record was written.
///
/// @param offset -1 with acks=0, and where the broker had the record already
/// @param timestampMs the record's own, or the broker's where the topic has `LogAppendTime`
public record RecordMetadata(TopicPartition partition, long offset, long timestampMs) {}
