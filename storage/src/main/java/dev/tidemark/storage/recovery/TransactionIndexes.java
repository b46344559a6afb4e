package dev.tidemark.storage.recovery;

import dev.tidemark.storage.index.CorruptIndexException;
import dev.tidemark.storage.index.TransactionIndex;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.ProducerReplay;
import dev.tidemark.storage.producer.ProducerBatches;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the transaction indexes that are there when a log is opened, and makes damaged ones anew from the batches:
/// with a wrong one a reader would take aborted records for committed ones.
final class TransactionIndexes {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionIndexes.class);

    private final PartitionFolder folder;
    private final long wallMs;

    TransactionIndexes(PartitionFolder folder, long wallMs) {
        this.folder = folder;
        this.wallMs = wallMs;
    }

    /// @param names of the folder's files
    void mend(List<String> names, List<LogSegment> segments, ProducerHistory history) throws IOException {
        if (names.stream().noneMatch(name -> name.endsWith(FileNames.TXN_INDEX))) return;
        for (int i = 0; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            if (!names.contains(FileNames.of(segment.baseOffset(), FileNames.TXN_INDEX))) continue;
            if (segment.isEmpty()) {
                delete(segment);
                continue;
            }
            long end = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : Long.MAX_VALUE;
            if (!isPlausible(segment, end)) rebuild(segment, segments, history);
        }
    }

    private boolean isPlausible(LogSegment segment, long endOffset) throws IOException {
        SegmentFile file = new SegmentFile(folder, segment.baseOffset(), FileNames.TXN_INDEX);
        long bytes = file.sizeBytes();
        if (bytes % TransactionIndex.ENTRY_BYTES != 0) return false;
        TransactionIndex index = new TransactionIndex(file, Math.toIntExact(bytes / TransactionIndex.ENTRY_BYTES));
        try {
            return index.isPlausible(segment.baseOffset(), endOffset);
        } catch (CorruptIndexException cut) {
            return false;
        } finally {
            index.close();
        }
    }

    private void delete(LogSegment segment) throws IOException {
        folder.disk().delete(file(segment));
    }

    private Path file(LogSegment segment) {
        return folder.resolve(FileNames.of(segment.baseOffset(), FileNames.TXN_INDEX));
    }

    private void rebuild(LogSegment segment, List<LogSegment> segments, ProducerHistory history) throws IOException {
        LOG.warn("The transaction index of {} is damaged and is made anew", segment);
        List<AbortedTransaction> aborted = new ArrayList<>();
        long oldest = segments.getFirst().baseOffset();
        ProducerStates states = ProducerReplay.upTo(segments, history, oldest, segment.baseOffset(), wallMs);
        BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
        while (cursor.next()) {
            boolean isControl = cursor.header().isControl();
            ProducerBatches.apply(states, isControl ? cursor.whole() : cursor.header(), wallMs)
                    .ifPresent(aborted::add);
        }
        // In one step: without the damaged one nobody would make it anew after a kill.
        if (aborted.isEmpty()) delete(segment);
        else folder.disk().replaceAtomically(file(segment), TransactionIndex.content(aborted));
    }
}
