package dev.tidemark.storage.cleaner;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/// What the cleaners of all log directories share: at most `log.cleaner.threads` passes at once, whatever
/// the executor below could do. Any thread; the monitor guards who waits.
public final class CleanerThreads implements Executor {
    private final Executor threads;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int max;
    private int running;

    /// @param threads runs as many tasks at once as it is given
    public CleanerThreads(Executor threads, int max) {
        this.threads = threads;
        this.max = max;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            waiting.add(task);
        }
        startMore();
    }

    /// `log.cleaner.threads` changed. Passes that are under way end first.
    public void max(int newMax) {
        synchronized (this) {
            max = newMax;
        }
        startMore();
    }

    private void startMore() {
        while (true) {
            Runnable next;
            synchronized (this) {
                if (running >= max || waiting.isEmpty()) return;
                next = waiting.remove();
                running++;
            }
            threads.execute(() -> run(next));
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            synchronized (this) {
                running--;
            }
            startMore();
        }
    }
}
