package dev.tidemark.client.cluster;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A loop on a virtual thread of its own, for a client's timers. What is given to it after [#close] is dropped.
public final class ThreadLoop implements Loop, AutoCloseable {
    private static final Timer DROPPED = () -> {};

    private final ScheduledThreadPoolExecutor executor;

    public ThreadLoop(String name) {
        executor =
                new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name(name).factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException closed) {
            // Nobody waits for it any more.
        }
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        try {
            Future<?> scheduled = executor.schedule(task, delayMs, TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return DROPPED;
        }
    }

    @Override
    public Clock clock() {
        return Clock.SYSTEM;
    }

    /// Lets the tasks that are due end, and drops those that wait for their time.
    @Override
    public void close() {
        executor.shutdown();
    }
}
