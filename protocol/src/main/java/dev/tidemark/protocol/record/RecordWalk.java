package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;

/// What validation wants to know of a batch's records, one after the other.
sealed interface RecordWalk extends AutoCloseable permits RecordCursor, RecordScan {
    /// Records that are not compressed are read where they lie; others are unpacked bit by bit.
    ///
    /// @param bytesMax how many bytes the records may unpack to
    static RecordWalk of(BatchHeader batch, long bytesMax) {
        return batch.compressionId() == 0 ? new RecordCursor(batch, bytesMax) : new RecordScan(batch, bytesMax);
    }

    /// @throws MalformedException at bytes that are not a batch's
    boolean next();

    int index();

    int offsetDelta();

    long timestamp();

    int keySize();

    @Override
    void close();
}
