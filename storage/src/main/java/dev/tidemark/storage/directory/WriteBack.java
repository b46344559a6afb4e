package dev.tidemark.storage.directory;

import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Gets appended bytes onto the disk before the kernel has to throttle the writers, and so keeps short what a restart
/// after a crash must read. Nothing is done for logs that rest. Any thread; the work itself runs on the executor, one
/// round at a time.
final class WriteBack {
    /// What a round needs of the directory.
    interface Owner {
        boolean isOnline();

        void onFailure(IOException cause);

        void writeCheckpoints() throws IOException;
    }

    private final Owner owner;
    private final ForceTogether together;
    private final Loop timers;
    private final Executor blocking;
    private final long bytesMax;
    private final long delayMs;

    private final ConcurrentLinkedQueue<PartitionLog> dirty = new ConcurrentLinkedQueue<>();
    private final AtomicLong dirtyBytes = new AtomicLong();
    private final AtomicBoolean roundRuns = new AtomicBoolean();
    /// A round was due while one ran.
    private final AtomicBoolean isMissed = new AtomicBoolean();
    /// When the next round is due, by the monotonic clock; `Long.MAX_VALUE` if none is.
    private final AtomicLong dueMs = new AtomicLong(Long.MAX_VALUE);

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
            schedule(Math.min(delayMs, log.config().flushMs()));
        }
        long before = dirtyBytes.getAndAdd(bytes);
        if (before < bytesMax && before + bytes >= bytesMax) blocking.execute(this::round);
    }

    /// A round is to come although nothing was appended: checkpoints have changed.
    void onCheckpointChange() {
        schedule(delayMs);
    }

    private void schedule(long inMs) {
        long due = timers.clock().monotonicMs() + inMs;
        while (true) {
            long now = dueMs.get();
            if (now <= due || isStopped) return;
            if (dueMs.compareAndSet(now, due)) break;
        }
        timers.runAfter(inMs, () -> {
            if (dueMs.compareAndSet(due, Long.MAX_VALUE)) blocking.execute(this::round);
        });
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
        else if (!dirty.isEmpty() || isMissed.getAndSet(false)) schedule(delayMs);
    }

    private void forceDirty() throws IOException {
        dirtyBytes.set(0);
        Deque<PartitionLog> round = new ArrayDeque<>();
        for (PartitionLog log = dirty.poll(); log != null; log = dirty.poll()) {
            log.clearDirty();
            round.add(log);
        }
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
