package dev.tidemark.storage.log;

import dev.tidemark.storage.segment.FileRecords;

/// What a read found.
public sealed interface ReadResult {
    /// Batches from the one that holds the wanted offset on; may begin with lower offsets, which readers skip, and is
    /// empty where nothing may be read yet.
    ///
    /// @param records     to be released by the receiver, also when it does not send them
    /// @param endReached  nothing more can be read now under the same bound
    /// @param oversized   a single batch that is larger than asked for, given because at least one was wanted
    record Read(FileRecords records, boolean endReached, boolean oversized) implements ReadResult {}

    /// The offset is below the log start offset or beyond the log end offset.
    record OutOfRange(long logStartOffset, long logEndOffset) implements ReadResult {}
}
