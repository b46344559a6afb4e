package dev.tidemark.broker.partition;

import dev.tidemark.storage.log.PartitionLog;

/// Up to where a partition's records are committed, and who waits for that. Read from any thread; owner of all else:
/// the partition's serial.
final class HighWatermark {
    private final PartitionLog log;
    final PendingCommits pending = new PendingCommits();
    final ReadWaiters consumers = new ReadWaiters();
    private volatile long offset;

    HighWatermark(PartitionLog log) {
        this.log = log;
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
        consumers.wake(bytes);
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
        consumers.wake(Integer.MAX_VALUE);
    }
}
