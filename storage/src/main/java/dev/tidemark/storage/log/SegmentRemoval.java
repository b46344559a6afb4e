package dev.tidemark.storage.log;

import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;

/// Takes the files of segments away that no new snapshot of the log holds any more. Readers of older snapshots have
/// `file.delete.delay.ms` to end.
final class SegmentRemoval {
    private final PartitionLog log;
    private final ProducerHistory producers;
    private final FolderWork background;

    SegmentRemoval(PartitionLog log, ProducerHistory producers, FolderWork background) {
        this.log = log;
        this.producers = producers;
        this.background = background;
    }

    /// Of the log's first segments, in the background.
    ///
    /// @param firstKept where the first one begins that stays
    void removeFirst(List<LogSegment> old, long firstKept) {
        background.run(() -> {
            // With the last segment that has records goes what tells the next offset, unless a file does.
            log.createActiveFile();
            producers.deleteBelow(firstKept);
            retire(old);
        });
    }

    /// Marks the files, and deletes them later.
    void retire(List<LogSegment> old) throws IOException {
        for (LogSegment segment : old) segment.mark(FileNames.DELETED);
        background.runAfter(log.config().fileDeleteDelayMs(), () -> {
            for (LogSegment segment : old) segment.delete();
        });
    }
}
