package dev.tidemark.dist.cli.consume;

import dev.tidemark.client.consumer.Consumer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ctrl-C or TERM: lets the command end as if it were done, so that what was printed is committed and the group is
/// left. Closed when that has happened.
final class Interrupt implements AutoCloseable {
    private static final int END_S_MAX = 5;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "tidemark-interrupt");
    private volatile boolean come;

    @Nullable
    private volatile Consumer consumer;

    Interrupt() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    void wakes(Consumer consumer) {
        this.consumer = consumer;
    }

    boolean hasCome() {
        return come;
    }

    private void onShutdown() {
        come = true;
        Consumer polling = consumer;
        if (polling != null) polling.wakeup();
        try {
            if (!ended.await(END_S_MAX, TimeUnit.SECONDS)) return; // The JVM ends with what is open.
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        if (come) return;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // It has run, or will, and finds the end.
        }
    }
}
