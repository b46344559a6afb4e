package dev.tidemark.base.time;

/// Time as the outside world tells it. Deadlines use [#monotonicMs] only: the wall clock may jump.
public interface Clock {
    /// Milliseconds since 1970 by the wall clock: for record timestamps, retention and logs.
    long wallMs();

    /// Nanoseconds that never go back, from an arbitrary origin.
    long monotonicNs();

    default long monotonicMs() {
        return monotonicNs() / 1_000_000;
    }

    /// The machine's clocks.
    Clock SYSTEM = new Clock() {
        @Override
        public long wallMs() {
            return System.currentTimeMillis();
        }

        @Override
        public long monotonicNs() {
            return System.nanoTime();
        }
    };
}
