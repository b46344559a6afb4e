package dev.tidemark.storage.log;

import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Takes the end of a log away: in memory at once, in the files from the end on. Then [#settle] makes it last, and
/// before it has, nothing is appended. Owner: the log's writer; the monitor, held while it changes files.
///
/// Where the recovery point on the disk lies above the cut, it is lowered before any file is touched, and not by the
/// writer, who never waits for a force: then [#settle] does that first, and has to be asked once more.
final class LogTruncation {
    private interface Change {
        void run() throws IOException;
    }

    private final PartitionLog log;
    private final LogSegments segments;
    private final LogForcing forcing;
    private final AnnouncedReplacement replacement;
    private final FolderWork background;
    private final LogHost host;

    /// What is still to be done to the files; null where there is nothing. A later truncation takes more: then it does
    /// what was left to do, too.
    private volatile @Nullable Change unfinished;
    /// Segments that were taken away, in order, and whose files are still there.
    private final List<LogSegment> cutOff = new ArrayList<>();
    private int count;
    private volatile int settled;
    private @Nullable CompletableFuture<Void> settling;

    LogTruncation(
            PartitionLog log,
            LogSegments segments,
            LogForcing forcing,
            AnnouncedReplacement replacement,
            FolderWork background,
            LogHost host) {
        this.log = log;
        this.segments = segments;
        this.forcing = forcing;
        this.replacement = replacement;
        this.background = background;
        this.host = host;
    }

    /// Takes all from `offset` on, which lies behind the begin of the first segment.
    void cutTo(long offset) throws IOException {
        finish();
        LogSegment last = segments.lastBefore(offset);
        int position = last.seek(offset, last.sizeInBytes()).position();
        forcing.onTruncation(offset, last);
        cutOff.addAll(0, segments.cutBehind(last));
        last.endAt(position);
        count++;
        unfinished = () -> {
            last.truncate(position, offset);
            log.restoreProducers(offset);
        };
        log.endAt(offset);
        finish();
    }

    /// Takes all; the next record gets `offset`.
    ///
    /// @param withProducers whether nobody is known afterwards, either
    void clear(long offset, boolean withProducers) throws IOException {
        finish();
        boolean hadRecords = log.snapshot().logStartOffset() < log.snapshot().logEndOffset();
        LogSegment fresh = LogSegment.create(log.folder(), offset, host.wallMs());
        forcing.onTruncation(offset, fresh);
        cutOff.addAll(0, segments.restart(fresh));
        // Of a log without records nothing can come back.
        if (hadRecords) count++;
        unfinished = () -> {
            fresh.createFile();
            // A snapshot that was made just there belongs to another log.
            if (withProducers) log.producerHistory().deleteAbove(-1);
            log.restoreProducers(offset);
        };
        log.beginAndEndAt(offset);
        finish();
    }

    /// Does to the files what a truncation asks, unless the recovery point must be lowered before. Where the disk fails
    /// the rest is done the next time.
    private void finish() throws IOException {
        if (unfinished == null || host.isRecoveryPointAhead(log)) return;
        try {
            changeFiles();
        } catch (IOException failure) {
            host.onFailure(failure);
            throw failure;
        }
    }

    private synchronized void changeFiles() throws IOException {
        Change files = unfinished;
        if (files == null) return;
        replacement.settle();
        // From the end on: what is left if this fails is a whole log.
        while (!cutOff.isEmpty()) {
            cutOff.getLast().delete();
            cutOff.removeLast();
        }
        files.run();
        unfinished = null;
    }

    /// Nobody writes any more: does all of it, and leaves the forcing to the caller. Blocks.
    void finishAtStop() throws IOException {
        host.lowerRecoveryPoint(log);
        finish();
    }

    /// See [PartitionLog#settleTruncation].
    CompletableFuture<Void> settle() {
        CompletableFuture<Void> running = settling;
        if (running != null && !running.isDone()) return running;
        try {
            finish();
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(failure);
        }
        CompletableFuture<Void> next = run(unfinished == null ? force() : () -> host.lowerRecoveryPoint(log));
        settling = next;
        return next;
    }

    private LogHost.Work force() {
        int forced = count;
        LogSegment last = segments.active();
        PartitionFolder folder = log.folder();
        return () -> {
            last.force(false);
            folder.disk().forceDirectory(folder.path());
            settled = forced;
        };
    }

    private CompletableFuture<Void> run(LogHost.Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        host.run(() -> {
            try {
                if (background.isDeleted()) throw new IOException(log + " is deleted");
                work.run();
                done.complete(null);
            } catch (IOException failure) {
                done.completeExceptionally(failure);
                if (!background.isDeleted()) throw failure;
            }
        });
        return done;
    }

    /// On the disk's executor. Has the file of the active segment while that is empty: its name tells the next offset.
    /// While files are to be cut it is not made, which the cut does: one of the same name may be about to go.
    synchronized void createActiveFile() throws IOException {
        while (unfinished == null) {
            LogSnapshot now = log.snapshot();
            LogSegment active = now.segments().getLast();
            try {
                if (active.isEmpty()) active.createFile();
                return;
            } catch (NoSuchFileException replaced) {
                if (now.equals(log.snapshot())) throw replaced;
            }
        }
    }

    boolean isUnfinished() {
        return unfinished != null;
    }

    boolean isSettled() {
        return unfinished == null && settled == count;
    }

    /// Whether it is settled; else sees to it that it will be.
    boolean isSettledOrBegins() {
        if (isSettled()) return true;
        var _ = settle();
        return false;
    }
}
