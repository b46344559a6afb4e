package dev.tidemark.storage.retention;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes the old segments of one log directory. Each log has a time before which nothing of it can become due; only
/// logs whose time has come are looked at, on the directory's executor. One timer serves all.
///
/// A log whose size is bounded is looked at every `log.retention.check.interval.ms`, as is one that waits for its high
/// watermark; any other one when its oldest segment is due. The wall clock may jump: the times are compared anew at
/// least that often.
///
/// Life cycle: [#start], work, [#close]. Any thread; the monitor guards who is looked at when, and is never held while
/// the disk works.
public final class LogRetention implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogRetention.class);
    /// Then others may use the executor.
    private static final int LOGS_IN_A_ROW_MAX = 64;

    private static final class Watched {
        final PartitionLog log;
        final Executor turn;
        long lookMs;
        boolean isQueued;
        /// While it was looked at.
        boolean isChanged;

        Watched(PartitionLog log, Executor turn, long lookMs) {
            this.log = log;
            this.turn = turn;
            this.lookMs = lookMs;
        }
    }

    private final Clock clock;
    private final Loop timers;
    private final Executor disk;
    private final long checkIntervalMs;
    private final long initialDelayMs;
    private final Consumer<IOException> onDiskFailure;
    private final Map<TopicPartition, Watched> logs = new HashMap<>();
    private final PriorityQueue<Watched> byTime =
            new PriorityQueue<>(Comparator.comparingLong((Watched watched) -> watched.lookMs));
    private Loop.@Nullable Timer next;
    private long nextMs;
    private boolean running;
    private boolean looking;

    /// @param disk            runs what may block
    /// @param checkIntervalMs `log.retention.check.interval.ms`
    /// @param initialDelayMs  `log.initial.task.delay.ms`: how long the start is left in peace
    public LogRetention(
            Clock clock,
            Loop timers,
            Executor disk,
            long checkIntervalMs,
            long initialDelayMs,
            Consumer<IOException> onDiskFailure) {
        this.clock = clock;
        this.timers = timers;
        this.disk = disk;
        this.checkIntervalMs = checkIntervalMs;
        this.initialDelayMs = initialDelayMs;
        this.onDiskFailure = onDiskFailure;
    }

    public synchronized void start() {
        running = true;
        schedule();
    }

    /// From now on the log's old segments are deleted.
    ///
    /// @param turn runs what changes the log, in its writer's turn: `serial::execute`
    public synchronized void add(PartitionLog log, Executor turn) {
        remove(log.topicPartition());
        Watched watched = new Watched(log, turn, clock.wallMs() + initialDelayMs);
        logs.put(log.topicPartition(), watched);
        enqueue(watched);
    }

    public synchronized void remove(TopicPartition partition) {
        Watched watched = logs.remove(partition);
        if (watched != null && watched.isQueued) byTime.remove(watched);
    }

    /// The log's configuration or its log start offset changed: it is looked at soon.
    public synchronized void onChange(TopicPartition partition) {
        Watched watched = logs.get(partition);
        if (watched == null) return;
        if (!watched.isQueued) {
            watched.isChanged = true;
            return;
        }
        byTime.remove(watched);
        watched.lookMs = clock.wallMs();
        enqueue(watched);
    }

    @Override
    public synchronized void close() {
        running = false;
        if (next != null) next.cancel();
        next = null;
    }

    private void enqueue(Watched watched) {
        watched.isQueued = true;
        byTime.add(watched);
        schedule();
    }

    private void schedule() {
        Watched first = byTime.peek();
        if (!running || looking || first == null) return;
        long nowMs = clock.wallMs();
        long delayMs = Math.clamp(first.lookMs - nowMs, 0, checkIntervalMs);
        if (next != null && nextMs <= nowMs + delayMs) return;
        if (next != null) next.cancel();
        nextMs = nowMs + delayMs;
        next = timers.runAfter(delayMs, this::onTimer);
    }

    private synchronized void onTimer() {
        next = null;
        if (!running || looking) return;
        looking = true;
        disk.execute(this::look);
    }

    private void look() {
        List<Watched> due = takeDue();
        try {
            for (Watched watched : due) {
                watched.lookMs = clock.wallMs() + checkIntervalMs;
                look(watched);
            }
        } catch (IOException failure) {
            onDiskFailure.accept(failure);
        } finally {
            putBack(due);
        }
    }

    private synchronized List<Watched> takeDue() {
        List<Watched> due = new ArrayList<>();
        long nowMs = clock.wallMs();
        while (due.size() < LOGS_IN_A_ROW_MAX) {
            Watched first = byTime.peek();
            if (first == null || first.lookMs > nowMs) break;
            byTime.remove();
            first.isQueued = false;
            first.isChanged = false;
            due.add(first);
        }
        return due;
    }

    private synchronized void putBack(List<Watched> looked) {
        looking = false;
        for (Watched watched : looked) {
            if (watched.isChanged) watched.lookMs = clock.wallMs();
            if (isWatched(watched)) enqueue(watched);
        }
        schedule();
    }

    @SuppressWarnings("ReferenceEquality") // Or another log of that name was added.
    private boolean isWatched(Watched watched) {
        return logs.get(watched.log.topicPartition()) == watched;
    }

    private void look(Watched watched) throws IOException {
        PartitionLog log = watched.log;
        if (log.isClosed()) return;
        LogConfig config = log.config();
        long nowMs = clock.wallMs();
        Retention retention;
        try {
            retention = Retention.of(log.snapshot(), config, log.highWatermark(), nowMs);
        } catch (IOException failure) {
            if (log.isClosed()) return; // Its topic was deleted meanwhile, folder and all.
            throw failure;
        }
        watched.lookMs = nextLookMs(retention, config, nowMs);
        if (retention.deleteBelow() >= 0) watched.turn.execute(() -> delete(log, retention.deleteBelow(), nowMs));
    }

    private long nextLookMs(Retention retention, LogConfig config, long nowMs) {
        boolean isSizeBounded = config.delete() && config.retentionBytes() >= 0;
        long pollMs = nowMs + checkIntervalMs;
        if (retention.nextLookMs() == Retention.POLL) return pollMs;
        return isSizeBounded ? Math.min(pollMs, retention.nextLookMs()) : retention.nextLookMs();
    }

    private void delete(PartitionLog log, long offset, long nowMs) {
        if (log.isClosed()) return;
        try {
            int gone = log.deleteSegmentsBelow(offset, nowMs);
            LOGGER.info("{}: {} old segments below offset {} are deleted", log.topicPartition(), gone, offset);
        } catch (IOException failure) {
            onDiskFailure.accept(failure);
        }
    }
}
