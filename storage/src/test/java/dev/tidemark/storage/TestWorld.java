package dev.tidemark.storage;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A log directory with time, threads and disk in the test's hand: nothing happens in the background before [#settle].
public final class TestWorld implements Loop, Clock, LogDirectory.Listener {
    public static final TopicPartition PARTITION = new TopicPartition("topic", 0);
    public static final Uuid TOPIC_ID = new Uuid(1, 2);
    public static final Path DIRECTORY = Path.of("/data");

    private record Task(long atMs, long order, Runnable work) implements Timer {
        @Override
        public void cancel() {}
    }

    private final PriorityQueue<Task> timers =
            new PriorityQueue<>(Comparator.comparingLong(Task::atMs).thenComparingLong(Task::order));
    private final ArrayDeque<Runnable> blocking = new ArrayDeque<>();
    private final Path path;
    private long nowMs = 1_700_000_000_000L;
    private long order;

    public Disk disk;
    public LogConfig config = LogConfig.DEFAULT;
    public List<IOException> failures = new ArrayList<>();
    public int recoveries;
    public long writeBackMs = 3_000;
    public @Nullable LogDirectory directory;

    public TestWorld() {
        this.path = DIRECTORY;
        this.disk = new MemoryDisk(this);
    }

    public TestWorld(Disk disk, Path path) {
        this.path = path;
        this.disk = disk;
    }

    public MemoryDisk memory() {
        return (MemoryDisk) disk;
    }

    public LogDirectory directory() {
        LogDirectory open = directory;
        if (open == null) throw new IllegalStateException("not open");
        return open;
    }

    /// Opens the directory and loads its logs.
    public LogDirectory open() throws IOException {
        LogDirectory.Options options = new LogDirectory.Options(path, 2, 100, 1 << 20, writeBackMs, 5_000);
        LogDirectory opened = LogDirectory.open(
                options, new LogDirectory.Identity("cluster", 1, new Uuid(3, 4)), disk, this, executor(), this);
        directory = opened;
        await(opened.load(_ -> config));
        return opened;
    }

    /// The log of [#PARTITION], which is created where it is missing.
    public PartitionLog log() throws IOException {
        LogDirectory open = directory == null ? open() : directory;
        if (open.log(PARTITION).isEmpty()) return open.create(PARTITION, TOPIC_ID, config);
        return open.log(PARTITION).get();
    }

    /// Cuts a log and settles that, as a follower does.
    public void truncate(PartitionLog log, long offset) throws IOException {
        log.truncateTo(offset);
        settleTruncation(log);
    }

    public void settleTruncation(PartitionLog log) {
        while (!log.isTruncationSettled()) await(log.settleTruncation());
    }

    /// Stops cleanly and opens again.
    public PartitionLog reopen() throws IOException {
        await(directory().close(true));
        open();
        return log();
    }

    /// The process is killed, and another one opens what it left.
    public PartitionLog killAndReopen() throws IOException {
        disk = memory().kill();
        return forget().log();
    }

    /// The process is no more; its disk was replaced by what it left.
    public TestWorld forget() {
        blocking.clear();
        timers.clear();
        directory = null;
        return this;
    }

    public Executor executor() {
        return blocking::add;
    }

    public <T> T await(CompletableFuture<T> future) {
        runBlocking();
        if (!future.isDone()) throw new AssertionError("waits for something that does not come");
        return future.join();
    }

    /// Runs what was given to the executor.
    public void runBlocking() {
        for (Runnable next = blocking.poll(); next != null; next = blocking.poll()) next.run();
    }

    /// Lets time pass, with all that happens meanwhile.
    public void settle(long ms) {
        runBlocking();
        long endMs = nowMs + ms;
        while (!timers.isEmpty() && timers.peek().atMs <= endMs) {
            Task next = timers.poll();
            nowMs = Math.max(nowMs, next.atMs);
            next.work.run();
            runBlocking();
        }
        nowMs = endMs;
    }

    @Override
    public void run(Runnable task) {
        runAfter(0, task);
    }

    @Override
    public synchronized Timer runAfter(long delayMs, Runnable task) {
        Task timer = new Task(nowMs + delayMs, order++, task);
        timers.add(timer);
        return timer;
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

    @Override
    public void onOffline(LogDirectory offline, IOException cause) {
        failures.add(cause);
    }

    @Override
    public void onOnline(LogDirectory online) {
        recoveries++;
    }
}
