package dev.tidemark.storage.cleaner;

import dev.tidemark.base.time.Clock;

/// Slows those who read and write for the cleaner down to a number of bytes per second, all threads together.
final class IoThrottle {
    /// Blocks the calling thread.
    interface Sleeper {
        void sleep(long ms) throws InterruptedException;
    }

    private final Clock clock;
    private final Sleeper sleeper;
    private volatile double bytesPerSecondMax;
    /// Until when the bytes so far may take, by the monotonic clock. Guarded by this monitor.
    private long paidUntilNs;

    IoThrottle(Clock clock, Sleeper sleeper, double bytesPerSecondMax) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.paidUntilNs = clock.monotonicNs();
    }

    void bytesPerSecondMax(double bytes) {
        bytesPerSecondMax = bytes;
    }

    /// Waits as long as the bytes just read or written have to take.
    void onBytes(long bytes) throws InterruptedException {
        double limit = bytesPerSecondMax;
        if (limit >= Long.MAX_VALUE || limit <= 0) return;
        long waitNs = pay((long) (bytes / limit * 1e9));
        if (waitNs >= 1_000_000) sleeper.sleep(waitNs / 1_000_000);
    }

    private synchronized long pay(long costNs) {
        long nowNs = clock.monotonicNs();
        paidUntilNs = Math.max(paidUntilNs, nowNs) + costNs;
        return paidUntilNs - nowNs;
    }
}
