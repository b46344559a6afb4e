package dev.tidemark.network;

/// Lets events pass at an average rate, with a burst of one second's worth. Owner: one thread.
final class RateGate {
    private static final long SECOND_NS = 1_000_000_000L;

    /// When an even flow of everything so far would be over.
    private long virtualNs = Long.MIN_VALUE;

    /// Lets one pass.
    ///
    /// @return how long to wait before the next, 0 for not at all
    long pass(int perSecond, long nowNs) {
        if (perSecond == Integer.MAX_VALUE) return 0;
        long stepNs = SECOND_NS / perSecond;
        virtualNs = Math.max(virtualNs, nowNs - SECOND_NS) + stepNs;
        return Math.max(0, virtualNs - nowNs);
    }
}
