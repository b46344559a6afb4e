package dev.tidemark.storage.log;

import dev.tidemark.protocol.ErrorCode;
import java.util.List;

/// What became of an append.
public sealed interface AppendResult {
    /// The batches are in the log, in the page cache; on the disk only after a force.
    ///
    /// @param logAppendTimeMs the time that the records were given, -1 where they keep their own
    /// @param forceNeeded     the topic's `flush.messages` asks that nothing is acknowledged before
    ///                        [PartitionLog#force] was done
    record Appended(
            long firstOffset,
            long lastOffset,
            long logAppendTimeMs,
            long logStartOffset,
            int sizeBytes,
            int recordCount,
            boolean forceNeeded)
            implements AppendResult {}

    /// The producer sent this batch before, and it is in the log: to be answered as success with its offset. It is
    /// not necessarily below the high watermark yet: `lastOffset` says what to wait for.
    record Duplicate(long firstOffset, long lastOffset, long logAppendTimeMs, long logStartOffset)
            implements AppendResult {}

    /// Nothing was appended.
    ///
    /// @param message for the client: what was wrong and what is allowed
    record Rejected(ErrorCode error, String message, List<RecordError> recordErrors) implements AppendResult {
        public Rejected(ErrorCode error, String message) {
            this(error, message, List.of());
        }
    }

    /// A record that was the reason (KIP-467).
    ///
    /// @param batchIndex of the record within the request's batch
    record RecordError(int batchIndex, String message) {}
}
