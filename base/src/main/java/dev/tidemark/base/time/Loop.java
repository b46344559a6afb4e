package dev.tidemark.base.time;

/// A seam to execution and timers: a Netty event loop in production, the simulated world's single thread in the
/// simulator. Tasks of one loop run one at a time, in the order in which they were given. A task never blocks.
public interface Loop {
    /// Runs `task` later on this loop. Callable from any thread.
    void run(Runnable task);

    /// Runs `task` on this loop, `delayMs` from now at the earliest. Callable from any thread.
    Timer runAfter(long delayMs, Runnable task);

    Clock clock();

    /// A task that waits for its time.
    interface Timer {
        /// Takes the task back where it has not started yet. Callable from any thread, more than once.
        void cancel();
    }
}
