package dev.tidemark.storage.log;

import dev.tidemark.storage.segment.FileRecords;

/// What a read found.
public sealed interface ReadResult {
    /// Nothing lies between the offset and the bound.
    Read NOTHING_NEW = new Read(FileRecords.EMPTY, true, false);

    /// There is something, but already the first batch is larger than asked for.
    Read NONE_FITS = new Read(FileRecords.EMPTY, false, true);

    /// Batches from the one that holds the wanted offset on; may begin with lower offsets, which readers skip, and is
    /// empty where nothing may be read yet.
    ///
    /// @param records     to be released by the receiver, also when it does not send them
    /// @param endReached  nothing more can be read now under the same bound
    /// @param oversized  the first batch is larger than asked for: given where one was wanted anyhow, else left out
    record Read(FileRecords records, boolean endReached, boolean oversized) implements ReadResult {}

    /// The offset is below the log start offset or beyond the log end offset.
    record OutOfRange(long logStartOffset, long logEndOffset) implements ReadResult {}
}
