package dev.tidemark.broker.replica;

/// How long to wait after failures in a row: short after the first, doubled with each, up to a limit. Owner: the
/// fetcher that it belongs to.
final class Pause {
    private static final long FIRST_MS = 10;

    private final long limitMs;
    private long nextMs = FIRST_MS;

    Pause(long limitMs) {
        this.limitMs = Math.max(1, limitMs);
    }

    long next() {
        long ms = Math.min(nextMs, limitMs);
        nextMs = Math.min(2 * ms, limitMs);
        return ms;
    }

    /// The next one is at least as long.
    void lengthenTo(long ms) {
        nextMs = Math.max(nextMs, Math.min(ms, limitMs));
    }

    /// Whether nothing has failed since the last success.
    boolean isFirst() {
        return nextMs == FIRST_MS;
    }

    void reset() {
        nextMs = FIRST_MS;
    }
}
