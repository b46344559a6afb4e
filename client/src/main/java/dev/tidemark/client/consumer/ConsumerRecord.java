package dev.tidemark.client.consumer;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.record.Record;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record that was read.
///
/// @param timestampMs milliseconds since 1970; -1 for none
/// @param leaderEpoch of the batch
public record ConsumerRecord(
        TopicPartition partition,
        long offset,
        int leaderEpoch,
        long timestampMs,
        @Nullable Bytes key,
        @Nullable Bytes value,
        List<Record.Header> headers) {}
