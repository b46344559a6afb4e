package dev.tidemark.storage.log;

import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Takes the end of a log away: in memory at once, in the files from the end on, and again before the next append where
/// the disk failed. Then [#settle] makes it last. Owner: the log's writer.
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

    /// What is still to be done to the files; null where there is nothing.
    private @Nullable Change unfinished;
    /// Segments that were taken away, and whose files are still there.
    private final List<LogSegment> cutOff = new ArrayList<>();
    private int count;
    private volatile int settled;

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
        cutOff.addAll(segments.cutBehind(last));
        last.endAt(position);
        count++;
        log.endAt(offset);
        finish(() -> {
            last.truncate(position, offset);
            log.restoreProducers(offset);
        });
    }

    /// Takes all; the next record gets `offset`.
    ///
    /// @param withProducers whether nobody is known afterwards, either
    void clear(long offset, boolean withProducers) throws IOException {
        finish();
        LogSegment fresh = LogSegment.create(log.folder(), offset, host.wallMs());
        forcing.onTruncation(offset, fresh);
        cutOff.addAll(segments.restart(fresh));
        count++;
        log.beginAndEndAt(offset);
        finish(() -> {
            fresh.createFile();
            // A snapshot that was made just there belongs to another log.
            if (withProducers) log.producerHistory().deleteAbove(-1);
            log.restoreProducers(offset);
        });
    }

    private void finish(Change files) throws IOException {
        unfinished = files;
        finish();
    }

    /// Does to the files what a truncation asks. Where the disk fails nothing is appended before this was done again.
    void finish() throws IOException {
        Change files = unfinished;
        if (files == null) return;
        try {
            // Of a cut that does not last a power cut leaves what nobody would look at.
            host.lowerRecoveryPoint(log);
            replacement.settle();
            // From the end on: what is left if this fails is a whole log.
            while (!cutOff.isEmpty()) {
                cutOff.getLast().delete();
                cutOff.removeLast();
            }
            files.run();
            unfinished = null;
        } catch (IOException failure) {
            host.onFailure(failure);
            throw failure;
        }
    }

    /// Whether the files are as they should be; tries to bring them there.
    boolean isFinished() {
        if (unfinished == null) return true;
        try {
            finish();
            return true;
        } catch (IOException again) {
            return false;
        }
    }

    /// See [PartitionLog#settleTruncation].
    CompletableFuture<Void> settle() {
        try {
            finish();
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(failure);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        int settling = count;
        LogSegment last = segments.active();
        PartitionFolder folder = log.folder();
        host.run(() -> {
            try {
                if (background.isDeleted()) throw new IOException(log + " is deleted");
                last.force(false);
                folder.disk().forceDirectory(folder.path());
                settled = settling;
                done.complete(null);
            } catch (IOException failure) {
                done.completeExceptionally(failure);
                if (!background.isDeleted()) throw failure;
            }
        });
        return done;
    }

    boolean isSettled() {
        return settled == count;
    }
}
