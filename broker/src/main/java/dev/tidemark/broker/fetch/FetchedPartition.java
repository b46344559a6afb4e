package dev.tidemark.broker.fetch;

import dev.tidemark.protocol.message.FetchRequest.FetchPartition;

/// What a consumer or a follower asks of one partition, kept in its session between requests, and what it was last
/// told. Owner: the fetch that has its session's turn.
final class FetchedPartition {
    private static final long NEVER_TOLD = -1;

    final PartitionKey key;
    long fetchOffset;
    int lastFetchedEpoch;
    int currentLeaderEpoch;
    int bytesMax;
    /// Up to where the partition could be read when it was last tried.
    long readableEnd;
    /// What a follower said of itself last, and in which epoch the leader took note of it.
    long logStartOffset;
    private int notedEpoch = -1;
    private long notedOffset = -1;
    private long toldHighWatermark = NEVER_TOLD;
    private long toldLogStartOffset = NEVER_TOLD;
    private boolean toldError;

    FetchedPartition(PartitionKey key, FetchPartition asked) {
        this.key = key;
        update(asked);
    }

    void update(FetchPartition asked) {
        fetchOffset = asked.fetchOffset();
        lastFetchedEpoch = asked.lastFetchedEpoch();
        currentLeaderEpoch = asked.currentLeaderEpoch();
        bytesMax = asked.partitionMaxBytes();
        logStartOffset = asked.logStartOffset();
    }

    /// Whether a leader in `epoch` has not taken note yet that a follower fetches from here; once.
    boolean isNewTo(int epoch) {
        if (epoch == notedEpoch && fetchOffset == notedOffset) return false;
        notedEpoch = epoch;
        notedOffset = fetchOffset;
        return true;
    }

    /// Whether an incremental reply must name this partition: it has records, an error, or news about its offsets.
    boolean hasNews(PartitionRead read) {
        return read.sizeInBytes() > 0
                || read.isError()
                || toldError
                || read.divergingEpoch() != null
                || read.preferredReadReplica() >= 0
                || read.highWatermark() != toldHighWatermark
                || read.logStartOffset() != toldLogStartOffset;
    }

    void told(PartitionRead read) {
        toldHighWatermark = read.highWatermark();
        toldLogStartOffset = read.logStartOffset();
        toldError = read.isError();
    }
}
