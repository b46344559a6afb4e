package dev.tidemark.protocol.record;

import dev.tidemark.base.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record, copied to the heap.
///
/// @param timestamp milliseconds of wall time; -1 for none
@SuppressWarnings("AvoidCommonTypeNames") // Kafka's word
public record Record(
        long offset,
        long timestamp,
        @Nullable Bytes key,
        @Nullable Bytes value,
        List<Header> headers) {
    /// A header: keys may repeat, and their order counts.
    public record Header(String key, @Nullable Bytes value) {}

    /// Without headers.
    public Record(long offset, long timestamp, @Nullable Bytes key, @Nullable Bytes value) {
        this(offset, timestamp, key, value, List.of());
    }
}
