package dev.tidemark.metadata;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.PriorityQueue;

/// A loop whose time stands still until the test moves it.
public final class ManualLoop implements Loop {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long nowMs = 1_000_000;
    private long sequence;

    private record Task(long atMs, long sequence, Runnable work) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            return atMs != other.atMs ? Long.compare(atMs, other.atMs) : Long.compare(sequence, other.sequence);
        }
    }

    @Override
    public void run(Runnable task) {
        runAfter(0, task);
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        Task scheduled = new Task(nowMs + delayMs, sequence++, task);
        tasks.add(scheduled);
        return () -> tasks.remove(scheduled);
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMs() {
                return nowMs;
            }

            @Override
            public long monotonicNs() {
                return nowMs * 1_000_000;
            }
        };
    }

    /// Runs everything that is due within the next `ms`, in order.
    public void advance(long ms) {
        long end = nowMs + ms;
        while (!tasks.isEmpty() && tasks.peek().atMs() <= end) {
            Task next = tasks.remove();
            nowMs = Math.max(nowMs, next.atMs());
            next.work().run();
        }
        nowMs = end;
    }

    /// Runs one task that is due now; whether there was one.
    public boolean step() {
        if (tasks.isEmpty() || tasks.peek().atMs() > nowMs) return false;
        tasks.remove().work().run();
        return true;
    }

    /// Runs everything that is due now, and what that gives rise to.
    public void settle() {
        advance(0);
    }
}
