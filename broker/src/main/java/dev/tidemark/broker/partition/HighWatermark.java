package dev.tidemark.broker.partition;

import dev.tidemark.storage.log.PartitionLog;

/// Up to where a partition's records are committed, and who waits for that. Read from any thread; owner of all else:
/// the partition's serial.
final class HighWatermark {
    private final PartitionLog log;
    final PendingCommits pending = new PendingCommits();
    final ReadWaiters consumers = new ReadWaiters();
    /// Those who read committed records only, up to the last stable offset.
    final ReadWaiters committedReaders = new ReadWaiters();
    private volatile long offset;
    private long toldOffset;
    private long toldStable;

    HighWatermark(PartitionLog log) {
        this.log = log;
        this.offset = log.highWatermark();
        this.toldOffset = offset;
        this.toldStable = log.lastStableOffset();
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
        tellStable(bytes);
    }

    /// Nothing is new while a transaction stays open, and more than the newest bytes when it ends.
    private void tellStable(int bytes) {
        long stable = log.lastStableOffset();
        boolean isInStep = stable == offset && toldStable == toldOffset;
        boolean isNew = stable > toldStable;
        toldOffset = offset;
        toldStable = stable;
        if (isNew) committedReaders.wake(isInStep ? bytes : Integer.MAX_VALUE);
    }

    /// Everybody looks again.
    void wakeReaders() {
        consumers.wake(Integer.MAX_VALUE);
        committedReaders.wake(Integer.MAX_VALUE);
    }

    void forgetReaders() {
        consumers.clear();
        committedReaders.clear();
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
        toldOffset = offset;
        toldStable = log.lastStableOffset();
        wakeReaders();
    }
}
