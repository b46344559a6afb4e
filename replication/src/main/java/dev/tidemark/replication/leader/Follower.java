package dev.tidemark.replication.leader;

/// What a leader knows of one follower. Owner: its [LeaderState].
final class Follower {
    static final long UNKNOWN = -1;

    final int brokerId;
    long brokerEpoch = UNKNOWN;
    /// The offset that it fetched from last, in this leader's epoch: it has everything below.
    long endOffset = UNKNOWN;
    long logStartOffset = UNKNOWN;
    long lastCaughtUpMs;
    long lastFetchMs;
    /// The leader's log end offset when the follower fetched last.
    long leaderEndAtLastFetch = Long.MAX_VALUE;
    /// It had everything until the log grew, which was after the last look at the clock: a follower of a partition at
    /// rest does not fall out of the ISR with the first record.
    boolean isBehindSince;
    boolean inCommittedIsr;
    boolean inProposedIsr;
    /// Not in the ISR, but so near the end that the high watermark waits for it: under a steady load it could
    /// otherwise never be found to have all that is committed.
    boolean isJoining;

    Follower(int brokerId, boolean inCommittedIsr, long nowMs, long lagTimeMaxMs) {
        this.brokerId = brokerId;
        this.inCommittedIsr = inCommittedIsr;
        this.lastCaughtUpMs = inCommittedIsr ? nowMs : nowMs - lagTimeMaxMs - 1;
    }

    boolean inMaximalIsr() {
        return inCommittedIsr || inProposedIsr;
    }

    void onFetch(long offset, long startOffset, long leaderEnd, long nowMs) {
        if (offset >= leaderEnd) {
            lastCaughtUpMs = Math.max(lastCaughtUpMs, nowMs);
        } else if (offset >= leaderEndAtLastFetch) {
            lastCaughtUpMs = Math.max(lastCaughtUpMs, lastFetchMs);
        }
        endOffset = offset;
        logStartOffset = startOffset;
        leaderEndAtLastFetch = leaderEnd;
        lastFetchMs = nowMs;
    }

    void onTime(long nowMs) {
        if (isBehindSince) lastCaughtUpMs = Math.max(lastCaughtUpMs, nowMs);
        isBehindSince = false;
    }

    boolean isCaughtUp(long leaderEnd, long nowMs, long lagTimeMaxMs) {
        return endOffset >= leaderEnd || nowMs - lastCaughtUpMs <= lagTimeMaxMs;
    }
}
