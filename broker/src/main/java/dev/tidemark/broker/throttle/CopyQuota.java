package dev.tidemark.broker.throttle;

import dev.tidemark.base.time.Clock;

/// A number of bytes per second. Whoever has used more must wait until time has made up for it; what was not used is
/// kept for a second. One answer may be larger than what is left: the mean rate is kept, not each moment's.
///
/// Owner: its monitor, held shortly.
final class CopyQuota {
    static final long UNBOUNDED = Long.MAX_VALUE;
    private static final double SAVED_MS_MAX = 1_000;

    private final Clock clock;
    private long bytesPerSecond = UNBOUNDED;
    /// When all that was used will have been paid for, on the monotonic clock.
    private double paidAtMs;

    CopyQuota(Clock clock) {
        this.clock = clock;
        this.paidAtMs = clock.monotonicMs();
    }

    synchronized void rate(long newBytesPerSecond) {
        if (newBytesPerSecond == bytesPerSecond) return;
        bytesPerSecond = newBytesPerSecond;
        paidAtMs = clock.monotonicMs(); // A debt of the former rate is forgiven.
    }

    synchronized boolean isExceeded() {
        if (bytesPerSecond == UNBOUNDED) return false;
        return bytesPerSecond == 0 || paidAtMs > clock.monotonicMs();
    }

    synchronized void use(int bytes) {
        if (bytesPerSecond == UNBOUNDED || bytesPerSecond == 0) return;
        double from = Math.max(paidAtMs, clock.monotonicMs() - SAVED_MS_MAX);
        paidAtMs = from + bytes * 1_000.0 / bytesPerSecond;
    }
}
