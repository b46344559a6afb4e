package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.Comparator;
import java.util.PriorityQueue;

/// A loop whose time stands still until it is moved.
public final class SimulatedLoop implements Loop {
    private static final long WALL_OFFSET_MS = 1_000_000;

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.comparingLong((Task task) -> task.atMs).thenComparingLong(task -> task.order));
    private long nowMs;
    private long orders;

    private static final class Task implements Timer {
        private final long atMs;
        private final long order;
        private final Runnable work;
        private boolean cancelled;

        Task(long atMs, long order, Runnable work) {
            this.atMs = atMs;
            this.order = order;
            this.work = work;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    @Override
    public void run(Runnable task) {
        tasks.add(new Task(nowMs, orders++, task));
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        Task timer = new Task(nowMs + delayMs, orders++, task);
        tasks.add(timer);
        return timer;
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMs() {
                return WALL_OFFSET_MS + nowMs;
            }

            @Override
            public long monotonicNs() {
                return nowMs * 1_000_000;
            }
        };
    }

    /// Runs what is due now.
    public void settle() {
        advance(0);
    }

    /// Moves the time on, running what falls due on the way.
    public void advance(long ms) {
        long endMs = nowMs + ms;
        while (!tasks.isEmpty() && tasks.peek().atMs <= endMs) {
            Task task = tasks.remove();
            nowMs = Math.max(nowMs, task.atMs);
            if (!task.cancelled) task.work.run();
        }
        nowMs = endMs;
    }

    public long nowMs() {
        return nowMs;
    }
}
