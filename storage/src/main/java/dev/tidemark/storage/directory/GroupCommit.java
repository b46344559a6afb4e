package dev.tidemark.storage.directory;

import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Forces logs for those who wait for it. All who ask for a log before its force begins share that force; a few logs
/// are forced at once, which the file system turns into one commit of its journal. Any thread; the work runs on the
/// executor.
final class GroupCommit {
    /// More would take all threads of the disk from recovery, deletions and cold reads.
    private static final int FORCES_AT_ONCE = 3;

    private final DirectoryHealth health;
    private final ForceTogether together;
    private final Executor blocking;

    /// Who waits for a force that has not begun; each log of it is in the queue once.
    private final ConcurrentHashMap<PartitionLog, CompletableFuture<Long>> waiting = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<PartitionLog> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger workers = new AtomicInteger();

    GroupCommit(DirectoryHealth health, ForceTogether together, Executor blocking) {
        this.health = health;
        this.together = together;
        this.blocking = blocking;
    }

    /// See [PartitionLog#force].
    CompletableFuture<Long> force(PartitionLog log) {
        while (true) {
            CompletableFuture<Long> shared = waiting.get(log);
            if (shared != null) return shared;
            CompletableFuture<Long> own = new CompletableFuture<>();
            if (waiting.putIfAbsent(log, own) != null) continue;
            queue.add(log);
            queued.incrementAndGet();
            startWorker();
            return own;
        }
    }

    private void startWorker() {
        int running = workers.get();
        while (running < FORCES_AT_ONCE) {
            if (workers.compareAndSet(running, running + 1)) {
                blocking.execute(this::work);
                return;
            }
            running = workers.get();
        }
    }

    private void work() {
        try {
            while (!queue.isEmpty()) {
                if (together.suits(queued.get())) forceAll();
                else forceNext();
            }
        } finally {
            workers.decrementAndGet();
        }
        // Whoever put one into the queue just now may have seen this worker still counted.
        if (!queue.isEmpty()) startWorker();
    }

    private @Nullable PartitionLog next() {
        PartitionLog log = queue.poll();
        if (log != null) queued.decrementAndGet();
        return log;
    }

    private void forceNext() {
        PartitionLog log = next();
        if (log != null) forceEach(Map.of(log, taken(log)));
    }

    private void forceAll() {
        Map<PartitionLog, CompletableFuture<Long>> taken = new LinkedHashMap<>();
        for (PartitionLog log = next(); log != null; log = next()) {
            CompletableFuture<Long> done = taken(log);
            CompletableFuture<Long> earlier = taken.putIfAbsent(log, done);
            // Somebody asked again for one that was just taken.
            if (earlier != null) settleWith(earlier, done);
        }
        try {
            if (!health.isOnline() || !together.force(taken.keySet())) {
                forceEach(taken);
                return;
            }
        } catch (IOException failure) {
            health.onFailure(failure);
            for (CompletableFuture<Long> each : taken.values()) each.completeExceptionally(failure);
            return;
        }
        taken.forEach((log, done) ->
                settle(done, log.recoveryPoint(), log.isClosed() ? new IOException(log + " is closed") : null));
    }

    private static void settleWith(CompletableFuture<Long> earlier, CompletableFuture<Long> done) {
        var _ = earlier.whenComplete((offset, failure) -> settle(done, offset, failure));
    }

    private static void settle(CompletableFuture<Long> done, @Nullable Long offset, @Nullable Throwable failure) {
        if (failure != null) done.completeExceptionally(failure);
        else done.complete(offset);
    }

    /// From now on whoever asks gets the next force.
    private CompletableFuture<Long> taken(PartitionLog log) {
        CompletableFuture<Long> done = waiting.remove(log);
        if (done == null) throw new IllegalStateException(log + " was in the queue, but nobody waits for it");
        return done;
    }

    private void forceEach(Map<PartitionLog, CompletableFuture<Long>> taken) {
        taken.forEach((log, done) -> {
            try {
                if (!health.isOnline()) throw new IOException("the log directory is offline");
                log.forcing().force();
            } catch (IOException failure) {
                // A log that is closed went with its topic, folder and all: that is no failure of the disk.
                if (health.isOnline() && !log.isClosed()) health.onFailure(failure);
                done.completeExceptionally(failure);
                return;
            }
            done.complete(log.recoveryPoint());
        });
    }
}
