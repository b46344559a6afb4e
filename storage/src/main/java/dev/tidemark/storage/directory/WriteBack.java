package dev.tidemark.storage.directory;

import dev.tidemark.base.time.Loop;
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
    /// What a round needs of the directory.
    interface Owner {
        boolean isOnline();

        void onFailure(IOException cause);

        void writeCheckpoints() throws IOException;
    }

    /// High watermarks need no force, and whoever starts from an old one has to fetch for long.
    private static final long CHECKPOINT_MS_MAX = 5_000;
    /// A power cut that takes an earlier segment and leaves a later one moves the log's start.
    private static final long SEGMENT_MS_MAX = 5_000;

    private final Owner owner;
    private final ForceTogether together;
    private final Loop timers;
    private final Executor blocking;
    private final long bytesMax;
    private final long delayMs;

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

    WriteBack(Owner owner, ForceTogether together, Loop timers, Executor blocking, long bytesMax, long delayMs) {
        this.owner = owner;
        this.together = together;
        this.timers = timers;
        this.blocking = blocking;
        this.bytesMax = bytesMax;
        this.delayMs = delayMs;
    }

    void onAppend(PartitionLog log, int bytes) {
        if (log.markDirty()) {
            dirty.add(log);
            forces.within(Math.min(delayMs, log.config().flushMs()));
            checkpoints.within(checkpointMs());
        }
        if (log.markRenewed()) {
            renewed.add(log);
            segments.within(Math.min(SEGMENT_MS_MAX, delayMs));
        }
        long before = dirtyBytes.getAndAdd(bytes);
        if (before < bytesMax && before + bytes >= bytesMax) blocking.execute(this::round);
    }

    /// Nothing was appended, but checkpoints have changed.
    void onCheckpointChange() {
        checkpoints.within(checkpointMs());
    }

    private long checkpointMs() {
        return Math.min(CHECKPOINT_MS_MAX, delayMs);
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

    /// What lies before new segments.
    private void forceRenewed() {
        if (isStopped || !owner.isOnline()) return;
        if (renewed.size() >= ForceTogether.LOGS_MIN) {
            forceManyRenewed();
            return;
        }
        try {
            for (PartitionLog log = renewed.poll(); log != null; log = renewed.poll()) forceRenewed(log);
        } catch (IOException failure) {
            owner.onFailure(failure);
        }
    }

    /// First segments have nothing before them that must not be lost alone. Where many logs begin at once, their names
    /// wait for the round, whose force of all files would be most of what the CPU does for them.
    private void forceManyRenewed() {
        if (roundRuns.get()) {
            segments.within(Math.min(SEGMENT_MS_MAX, delayMs));
            return;
        }
        boolean isAnyBehindAnother = false;
        // All of them are dirty.
        for (PartitionLog log = renewed.poll(); log != null; log = renewed.poll()) {
            isAnyBehindAnother |= log.snapshot().segments().size() > 1;
        }
        if (isAnyBehindAnother) round();
    }

    private static void forceRenewed(PartitionLog log) throws IOException {
        try {
            if (log.isClosed()) return;
            if (log.snapshot().segments().size() == 1) log.forcing().forceNames();
            else log.forcing().force();
        } catch (IOException failure) {
            if (!log.isClosed()) throw failure;
        }
    }

    private void writeCheckpoints() {
        if (isStopped || !owner.isOnline()) return;
        try {
            owner.writeCheckpoints();
        } catch (IOException failure) {
            owner.onFailure(failure);
        }
        if (!dirty.isEmpty()) checkpoints.within(checkpointMs());
    }

    /// Forces all logs that were dirty at its begin, then writes the checkpoints.
    private void round() {
        if (isStopped || !owner.isOnline()) return;
        if (!roundRuns.compareAndSet(false, true)) {
            isMissed.set(true);
            return;
        }
        try {
            forceDirty();
            if (!isStopped) owner.writeCheckpoints();
        } catch (IOException failure) {
            owner.onFailure(failure);
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
        try {
            if (!log.isClosed()) log.forcing().force();
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
