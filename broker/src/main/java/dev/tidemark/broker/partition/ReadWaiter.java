package dev.tidemark.broker.partition;

/// A reader that waits for a partition to have more to read.
public interface ReadWaiter {
    /// `bytes` more became readable, or (with [Integer#MAX_VALUE]) something changed that the reader must look at now.
    /// Called in the partition's turn: must be quick and must not block.
    void onReadable(int bytes);
}
