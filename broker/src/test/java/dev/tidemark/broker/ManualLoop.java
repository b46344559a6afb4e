package dev.tidemark.broker;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/// A loop and a clock that stand still until the test moves them.
public final class ManualLoop implements Loop, Clock {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Waiting> timers = new PriorityQueue<>(Comparator.comparingLong(Waiting::dueMs));
    private long nowMs = 1_000_000;

    private record Waiting(long dueMs, Runnable task) implements Timer {
        @Override
        public void cancel() {
            throw new AssertionError("cancelled through the handle");
        }
    }

    @Override
    public void run(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        Waiting waiting = new Waiting(nowMs + delayMs, task);
        timers.add(waiting);
        return () -> timers.remove(waiting);
    }

    @Override
    public Clock clock() {
        return this;
    }

    @Override
    public long wallMs() {
        return nowMs;
    }

    @Override
    public long monotonicNs() {
        return nowMs * 1_000_000;
    }

    /// Runs what waits for its turn.
    public void settle() {
        Runnable task;
        while ((task = tasks.poll()) != null) task.run();
    }

    /// Lets time pass, with all that becomes due.
    public void pass(long ms) {
        long endMs = nowMs + ms;
        settle();
        while (!timers.isEmpty() && timers.peek().dueMs() <= endMs) {
            Waiting due = timers.poll();
            nowMs = Math.max(nowMs, due.dueMs());
            due.task().run();
            settle();
        }
        nowMs = endMs;
    }
}
