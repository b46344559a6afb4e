package dev.tidemark.broker.fetch;

import dev.tidemark.broker.partition.Partition;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import org.jspecify.annotations.Nullable;

/// What a consumer or a follower asks of one partition, kept in its session between requests, and what it was last
/// told. Owner: the fetch that has its session's turn.
final class FetchedPartition {
    private static final long NEVER_TOLD = -1;

    final PartitionKey key;
    /// As it was found last.
    @Nullable
    Partition partition;

    long fetchOffset;
    int lastFetchedEpoch;
    int currentLeaderEpoch;
    int bytesMax;
    /// Up to where the partition could be read when it was last tried.
    long readableEnd;
    /// What a follower said of itself last.
    long logStartOffset;
    // What the leader took note of last.
    private int notedEpoch = -1;
    private int notedTerm = -1;
    private long notedBrokerEpoch = -1;
    private long notedOffset = -1;
    private long notedLogStart = -1;
    /// A waiting follower is to hear of what was read, even if it is no record.
    boolean isNewsToFollower;
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

    /// Whether the leader has not taken note yet of what the follower says of itself; once. All of it counts: a
    /// follower of an idle partition says the same offset as before with another incarnation or another log start.
    ///
    /// @param term counts what the leader was told by the metadata: it may have forgotten its followers
    boolean isNewToLeader(int term, long brokerEpoch) {
        boolean isNew = notedEpoch != currentLeaderEpoch
                || notedTerm != term
                || notedBrokerEpoch != brokerEpoch
                || notedOffset != fetchOffset
                || notedLogStart != logStartOffset;
        notedEpoch = currentLeaderEpoch;
        notedTerm = term;
        notedBrokerEpoch = brokerEpoch;
        notedOffset = fetchOffset;
        notedLogStart = logStartOffset;
        return isNew;
    }

    /// The high watermark that was told last, -1 before.
    long toldHighWatermark() {
        return toldHighWatermark;
    }

    long toldLogStartOffset() {
        return toldLogStartOffset;
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
