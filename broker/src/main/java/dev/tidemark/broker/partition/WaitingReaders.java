package dev.tidemark.broker.partition;

/// The readers that wait at a partition for more to read, each told when its own limit moves. Owner: the partition's
/// serial.
final class WaitingReaders {
    private final ReadWaiters consumers = new ReadWaiters();
    private final ReadWaiters committedReaders = new ReadWaiters();
    private final ReadWaiters followers = new ReadWaiters();
    private long toldHighWatermark;
    private long toldStable;

    WaitingReaders(long highWatermark, long lastStableOffset) {
        toldHighWatermark = highWatermark;
        toldStable = lastStableOffset;
    }

    void add(ReadWaiter waiter, ReadLimit limit) {
        switch (limit) {
            case HIGH_WATERMARK -> consumers.add(waiter);
            case LAST_STABLE_OFFSET -> committedReaders.add(waiter);
            case LOG_END_OFFSET -> followers.add(waiter);
        }
    }

    /// Wherever it waits.
    void remove(ReadWaiter waiter) {
        consumers.remove(waiter);
        committedReaders.remove(waiter);
        followers.remove(waiter);
    }

    /// The high watermark has moved up, and consumers have `bytes` more. Those of committed records have nothing new
    /// while a transaction stays open, and more than the newest bytes when it ends.
    void onHighWatermark(long highWatermark, long stable, int bytes) {
        consumers.wake(bytes);
        boolean isInStep = stable == highWatermark && toldStable == toldHighWatermark;
        boolean isNew = stable > toldStable;
        toldHighWatermark = highWatermark;
        toldStable = stable;
        if (isNew) committedReaders.wake(isInStep ? bytes : Integer.MAX_VALUE);
    }

    /// The log was cut: consumers look again.
    void onTruncated(long highWatermark, long stable) {
        toldHighWatermark = highWatermark;
        toldStable = stable;
        wakeConsumers();
    }

    /// The log has `bytes` more, or (with [Integer#MAX_VALUE]) followers are to look again.
    void wakeFollowers(int bytes) {
        followers.wake(bytes);
    }

    /// Everybody looks again.
    void wakeAll() {
        wakeConsumers();
        followers.wake(Integer.MAX_VALUE);
    }

    private void wakeConsumers() {
        consumers.wake(Integer.MAX_VALUE);
        committedReaders.wake(Integer.MAX_VALUE);
    }

    void clear() {
        consumers.clear();
        committedReaders.clear();
        followers.clear();
    }
}
