package dev.tidemark.storage.directory;

import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.log.LogHost;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Gets appended bytes onto the disk, and so bounds what a restart after a crash must read; and keeps the checkpoints
/// near to what they tell. The kernel writes what is older than half a minute by itself: a round that comes later than
/// that finds most of its work done. Nothing is done for logs that rest. Any thread; the work itself runs on the
/// executor, one round at a time.
final class WriteBack {
    /// A power cut that takes an earlier segment and leaves a later one moves the log's start. High watermarks need no
    /// force, and whoever starts from an old one has to fetch for long.
    private static final long SOON_MS = 5_000;

    private final DirectoryHealth health;
    private final LogHost.Work checkpointing;
    private final ForceTogether together;
    private final Loop timers;
    private final Executor blocking;
    private final long bytesMax;
    private final long delayMs;
    private final long soonMs;

    private final ConcurrentLinkedQueue<PartitionLog> dirty = new ConcurrentLinkedQueue<>();
    /// Logs with a new segment.
    private final ConcurrentLinkedQueue<PartitionLog> renewed = new ConcurrentLinkedQueue<>();
    private final AtomicLong dirtyBytes = new AtomicLong();
    private final AtomicBoolean roundRuns = new AtomicBoolean();
    /// A round was due while one ran.
    private final AtomicBoolean isMissed = new AtomicBoolean();
    private final Alarm forces = new Alarm(this::round);
    private final Alarm segments = new Alarm(this::forceRenewed);
    private final Alarm checkpoints = new Alarm(this::writeCheckpoints);

    private volatile boolean isStopped;

    /// @param checkpointing writes the checkpoints that have changed
    WriteBack(
            DirectoryHealth health,
            LogHost.Work checkpointing,
            ForceTogether together,
            Loop timers,
            Executor blocking,
            long bytesMax,
            long delayMs) {
        this.health = health;
        this.checkpointing = checkpointing;
        this.together = together;
        this.timers = timers;
        this.blocking = blocking;
        this.bytesMax = bytesMax;
        this.delayMs = delayMs;
        this.soonMs = Math.min(SOON_MS, delayMs);
    }

    void onAppend(PartitionLog log, int bytes) {
        if (log.markDirty()) {
            dirty.add(log);
            forces.within(Math.min(delayMs, log.config().flushMs()));
            checkpoints.within(soonMs);
        }
        if (log.markRenewed()) {
            renewed.add(log);
            segments.within(soonMs);
        }
        long before = dirtyBytes.getAndAdd(bytes);
        if (before < bytesMax && before + bytes >= bytesMax) blocking.execute(this::round);
    }

    /// Nothing was appended, but checkpoints have changed.
    void onCheckpointChange() {
        checkpoints.within(soonMs);
    }

    /// One run of a task to come, the soonest that was asked for.
    private final class Alarm {
        private final Runnable task;
        /// By the monotonic clock; `Long.MAX_VALUE` if none is to come.
        private final AtomicLong dueMs = new AtomicLong(Long.MAX_VALUE);

        Alarm(Runnable task) {
            this.task = task;
        }

        void within(long ms) {
            long due = timers.clock().monotonicMs() + ms;
            while (true) {
                long now = dueMs.get();
                if (now <= due || isStopped) return;
                if (dueMs.compareAndSet(now, due)) break;
            }
            timers.runAfter(ms, () -> {
                if (dueMs.compareAndSet(due, Long.MAX_VALUE)) blocking.execute(task);
            });
        }
    }

    /// What lies before new segments, and their names.
    private void forceRenewed() {
        if (isStopped || !health.isOnline()) return;
        if (renewed.size() >= ForceTogether.LOGS_MIN) {
            forceManyRenewed();
            return;
        }
        try {
            for (PartitionLog log = renewed.poll(); log != null; log = renewed.poll()) forceRenewed(log);
        } catch (IOException failure) {
            health.onFailure(failure);
        }
    }

    /// So many that one force of the file system is cheaper than a force for each, which is what a
    /// round does; all of them are dirty. But where all are in their first segments nothing lies before
    /// these that could be lost alone, and the next round is soon enough for their names: as with a new
    /// topic of many partitions.
    private void forceManyRenewed() {
        if (roundRuns.get()) {
            segments.within(soonMs);
            return;
        }
        boolean isAnyBehindAnother = false;
        for (PartitionLog log = renewed.poll(); log != null; log = renewed.poll()) {
            isAnyBehindAnother |= !isInFirstSegment(log);
        }
        if (isAnyBehindAnother) round();
    }

    private static void forceRenewed(PartitionLog log) throws IOException {
        if (isInFirstSegment(log)) unlessClosed(log, log.forcing()::forceNames);
        else forceOne(log);
    }

    private static boolean isInFirstSegment(PartitionLog log) {
        return log.snapshot().segments().size() == 1;
    }

    private void writeCheckpoints() {
        if (isStopped || !health.isOnline()) return;
        try {
            checkpointing.run();
        } catch (IOException failure) {
            health.onFailure(failure);
        }
        if (!dirty.isEmpty()) checkpoints.within(soonMs);
    }

    /// Forces all logs that were dirty at its begin, then writes the checkpoints.
    private void round() {
        if (isStopped || !health.isOnline()) return;
        if (!roundRuns.compareAndSet(false, true)) {
            isMissed.set(true);
            return;
        }
        try {
            forceDirty();
            if (!isStopped) checkpointing.run();
        } catch (IOException failure) {
            health.onFailure(failure);
        } finally {
            roundRuns.set(false);
        }
        if (dirtyBytes.get() >= bytesMax) blocking.execute(this::round);
        else if (!dirty.isEmpty() || isMissed.getAndSet(false)) forces.within(delayMs);
    }

    private void forceDirty() throws IOException {
        dirtyBytes.set(0);
        Deque<PartitionLog> round = takeDirty();
        try {
            if (together.suits(round.size()) && together.force(round)) round.clear();
            while (!round.isEmpty()) {
                forceOne(round.getFirst());
                round.removeFirst();
            }
        } finally {
            // What was not forced waits for the disk to come back.
            for (PartitionLog log : round) {
                if (log.markDirty()) dirty.add(log);
            }
        }
    }

    /// Each log once, although an append may have made it dirty again meanwhile.
    private Deque<PartitionLog> takeDirty() {
        Set<PartitionLog> taken = new LinkedHashSet<>();
        for (PartitionLog log = dirty.poll(); log != null; log = dirty.poll()) {
            log.clearDirty();
            taken.add(log);
        }
        return new ArrayDeque<>(taken);
    }

    private static void forceOne(PartitionLog log) throws IOException {
        unlessClosed(log, log.forcing()::force);
    }

    private static void unlessClosed(PartitionLog log, LogHost.Work work) throws IOException {
        try {
            if (!log.isClosed()) work.run();
        } catch (IOException failure) {
            // Else its topic was deleted in between, and its folder renamed.
            if (!log.isClosed()) throw failure;
        }
    }

    /// The disk works again.
    void resume() {
        blocking.execute(this::round);
    }

    void stop() {
        isStopped = true;
    }
}
