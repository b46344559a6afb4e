package dev.tidemark.broker.partition;

import dev.tidemark.base.serial.Serial;

/// A reader on its way to wait at a partition: in the partition's turn it is found that there is nothing for it yet.
final class ReadWait implements Serial.Refusable {
    private static final long NOTHING_TOLD = -1;

    final ReadWaiter waiter;
    final ReadLimit limit;
    private final Partition partition;
    private final long knownEnd;
    private final long toldHighWatermark;
    private final long toldLogStartOffset;

    private ReadWait(
            Partition partition,
            ReadWaiter waiter,
            ReadLimit limit,
            long knownEnd,
            long toldHighWatermark,
            long toldLogStartOffset) {
        this.partition = partition;
        this.waiter = waiter;
        this.limit = limit;
        this.knownEnd = knownEnd;
        this.toldHighWatermark = toldHighWatermark;
        this.toldLogStartOffset = toldLogStartOffset;
    }

    /// @param knownEnd up to where it knows that there is nothing more
    static ReadWait ofConsumer(Partition partition, ReadWaiter waiter, ReadLimit limit, long knownEnd) {
        return new ReadWait(partition, waiter, limit, knownEnd, NOTHING_TOLD, NOTHING_TOLD);
    }

    /// One who is told of news, too ([Partition#isNewsToFollower]).
    static ReadWait ofFollower(
            Partition partition, ReadWaiter waiter, long knownEnd, long toldHighWatermark, long toldLogStartOffset) {
        return new ReadWait(
                partition, waiter, ReadLimit.LOG_END_OFFSET, knownEnd, toldHighWatermark, toldLogStartOffset);
    }

    /// In the partition's turn.
    boolean isInVain() {
        return end() > knownEnd || partition.isNewsToFollower(toldHighWatermark, toldLogStartOffset);
    }

    private long end() {
        return switch (limit) {
            case HIGH_WATERMARK -> partition.highWatermark();
            case LAST_STABLE_OFFSET -> partition.log().lastStableOffset();
            case LOG_END_OFFSET -> partition.log().snapshot().logEndOffset();
        };
    }

    @Override
    public void run() {
        partition.waitInTurn(this);
    }

    @Override
    public void onRefused() {
        waiter.onReadable(Integer.MAX_VALUE);
    }
}
