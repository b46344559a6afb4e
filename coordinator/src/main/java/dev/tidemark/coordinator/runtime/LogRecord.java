package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.Bytes;
import org.jspecify.annotations.Nullable;

/// One record of an internal topic: a null value is a tombstone.
public record LogRecord(Bytes key, @Nullable Bytes value) {
    /// About what the record takes in a batch.
    int sizeInBytes() {
        return key.size() + (value == null ? 0 : value.size()) + RECORD_OVERHEAD_BYTES;
    }

    /// Length, attributes, timestamp and offset deltas, key and value lengths, header count: each a varint.
    private static final int RECORD_OVERHEAD_BYTES = 24;
}
