package dev.tidemark.dist.broker;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The platform threads that may block on a disk. They end when they are idle.
final class Threads {
    private static final long IDLE_SECONDS = 10;

    private Threads() {}

    /// @param count at most so many at once
    static ExecutorService pool(String name, int count) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /// One for each task that runs: the tasks' owner bounds how many do.
    static ExecutorService asNeeded(String name) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), named(name));
    }

    /// One task at a time, in order.
    static ExecutorService inOrder(String name) {
        return pool(name, 1);
    }

    static ExecutorService virtual(String name) {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name, 0).factory());
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> Thread.ofPlatform()
                .daemon()
                .name(name + "-" + number.incrementAndGet())
                .unstarted(task);
    }
}
