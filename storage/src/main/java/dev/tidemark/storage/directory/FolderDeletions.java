package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes the folders of logs: out of the way at once, gone after `file.delete.delay.ms`, so that readers can end.
/// What fails is tried again when the disk works. Any thread; blocks.
final class FolderDeletions {
    private static final Logger LOG = LoggerFactory.getLogger(FolderDeletions.class);

    private final Disk disk;
    private final Path directory;
    private final Loop timers;
    private final Executor blocking;
    private final AtomicLong count = new AtomicLong();
    private final ConcurrentLinkedQueue<Path> undeleted = new ConcurrentLinkedQueue<>();

    FolderDeletions(Disk disk, Path directory, Loop timers, Executor blocking) {
        this.disk = disk;
        this.directory = directory;
        this.timers = timers;
        this.blocking = blocking;
    }

    /// Of a log that takes no more work.
    ///
    /// @return false where the folder could not be renamed, and is deleted at once
    boolean delete(PartitionLog log) {
        Path path = log.folder().path();
        Path gone = directory.resolve(FolderNames.deleted(
                log.topicPartition(),
                log.topicId().mostSignificantBits() ^ timers.clock().wallMs(),
                log.topicId().leastSignificantBits() + count.incrementAndGet()));
        try {
            disk.rename(path, gone);
            log.folder().movedTo(gone);
        } catch (IOException failure) {
            LOG.warn("{} cannot be renamed and is deleted at once: {}", path, failure.toString());
            delete(path);
            return false;
        }
        timers.runAfter(log.config().fileDeleteDelayMs(), () -> blocking.execute(() -> delete(gone)));
        return true;
    }

    void delete(Path folder) {
        try {
            disk.deleteRecursively(folder);
        } catch (IOException failure) {
            LOG.warn("{} cannot be deleted now: {}", folder, failure.toString());
            undeleted.add(folder);
        }
    }

    /// Tries each that failed once more.
    void retry() {
        for (int left = undeleted.size(); left > 0; left--) {
            Path folder = undeleted.poll();
            if (folder != null) delete(folder);
        }
    }
}
