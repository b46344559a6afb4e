package dev.tidemark.broker.partition;

import dev.tidemark.storage.log.PartitionLog;

/// Up to where a partition's records are committed, and which producers wait for that. Read from any thread; owner of
/// all else: the partition's serial.
final class HighWatermark {
    private final PartitionLog log;
    private final WaitingReaders readers;
    final PendingCommits pending = new PendingCommits();
    private volatile long offset;

    /// @param readers hear of every move
    HighWatermark(PartitionLog log, WaitingReaders readers) {
        this.log = log;
        this.readers = readers;
        this.offset = log.highWatermark();
    }

    long offset() {
        return offset;
    }

    /// Moves it up, for readers to see. To be followed by [#tell].
    void publish(long committed) {
        offset = committed;
        log.onHighWatermark(committed);
    }

    /// Tells those who waited for it, of whom readers have `bytes` more.
    void tell(int bytes) {
        pending.onCommitted(offset);
        readers.onHighWatermark(offset, log.lastStableOffset(), bytes);
    }

    /// Moves it up where `committed` is more.
    void raiseTo(long committed) {
        if (committed <= offset) return;
        publish(committed);
        tell(Integer.MAX_VALUE);
    }

    /// The log was cut, and its own high watermark with it.
    void onTruncated() {
        offset = log.highWatermark();
        readers.onTruncated(offset, log.lastStableOffset());
    }
}
