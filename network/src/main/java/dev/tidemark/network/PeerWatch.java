package dev.tidemark.network;

/// Looks from time to time whether a peer is gone, asleep, or sits on memory that others need. Owner: the connection.
final class PeerWatch {
    /// While memory is short, a frame that moves slower than this, per allowed stall, has stalled.
    private static final long PROGRESS_BYTES_MIN = 16 << 10;
    /// So much of a frame that has begun counts as activity.
    private static final long ACTIVE_BYTES_MIN = 64 << 10;

    enum Verdict {
        FINE,
        /// Nothing came and nothing went for too long.
        IDLE,
        /// It holds memory that others wait for, and does not move.
        STALLED
    }

    private final long idleNs;
    private final long stalledNs;
    private long seenFrames;
    private long seenOutput;
    private long movedBytes;
    private long movedNs;
    private long activeBytes;
    private long activeNs;

    PeerWatch(NetworkConfig config, long nowNs) {
        idleNs = config.connectionsMaxIdleMs() < 0 ? Long.MAX_VALUE : config.connectionsMaxIdleMs() * 1_000_000L;
        stalledNs = config.stalledFrameMs() * 1_000_000L;
        movedNs = nowNs;
        activeNs = nowNs;
    }

    /// @param owesBytes whether it is the peer's turn to send the rest of a frame or to read
    /// @param isOwedReplies whether it waits for the broker
    Verdict look(
            long nowNs,
            FrameReader reader,
            long output,
            boolean owesBytes,
            boolean isOwedReplies,
            boolean isMemoryShort) {
        long bytes = reader.bytesRead();
        boolean reads = output != seenOutput;
        if (reads || reader.framesRead() != seenFrames || bytes - activeBytes >= ACTIVE_BYTES_MIN) {
            activeNs = nowNs;
            activeBytes = bytes;
        }
        if (reads || bytes - movedBytes >= PROGRESS_BYTES_MIN || !owesBytes || !isMemoryShort) {
            movedNs = nowNs;
            movedBytes = bytes;
        }
        seenOutput = output;
        seenFrames = reader.framesRead();
        if (nowNs - movedNs >= stalledNs) return Verdict.STALLED;
        return !isOwedReplies && nowNs - activeNs >= idleNs ? Verdict.IDLE : Verdict.FINE;
    }
}
