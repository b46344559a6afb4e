package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.cleaner.BatchFilter.Outcome;
import dev.tidemark.storage.cleaner.CleanedTransactions.Ended;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.CorruptLogException;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Writes what is left of some segments, one behind the other, into one. Owner: one pass over a log.
final class SegmentRewriter {
    private final PartitionFolder folder;
    private final BatchFilter filter;
    private final CleanedTransactions transactions;
    private final CleanerPass pass;
    private final long keptFromOffset;
    private final int indexIntervalBytes;
    private final ByteBuffer input;
    private ByteBuffer output;

    /// @param keptFromOffset batches that reach it stay as they are
    SegmentRewriter(
            PartitionFolder folder,
            BatchFilter filter,
            CleanedTransactions transactions,
            CleanerPass pass,
            long keptFromOffset,
            int indexIntervalBytes,
            int bufferBytes) {
        this.folder = folder;
        this.filter = filter;
        this.transactions = transactions;
        this.pass = pass;
        this.keptFromOffset = keptFromOffset;
        this.indexIntervalBytes = indexIntervalBytes;
        this.input = ByteBuffer.allocate(bufferBytes);
        this.output = ByteBuffer.allocate(bufferBytes);
    }

    /// The new segment: complete and forced, its files marked `.cleaned`. Nothing is left of it if this fails.
    LogSegment rewrite(List<LogSegment> group, long wallMs) throws IOException, InterruptedException {
        LogSegment cleaned = LogSegment.createMarked(folder, group.getFirst().baseOffset(), FileNames.CLEANED, wallMs);
        try {
            for (LogSegment segment : group) rewrite(segment, cleaned);
            flush(cleaned);
            cleaned.seal();
            cleaned.force(true);
            folder.disk()
                    .setLastModifiedMs(cleaned.log().path(), group.getLast().lastModifiedMs());
            return cleaned;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            deleteQuietly(cleaned, failure);
            throw failure;
        }
    }

    private void rewrite(LogSegment source, LogSegment cleaned) throws IOException, InterruptedException {
        BatchCursor cursor = new BatchCursor(source.log(), 0, source.sizeInBytes(), input);
        while (cursor.next()) {
            BatchHeader batch = cursor.whole();
            pass.onRead(batch.sizeInBytes());
            if (!batch.isCrcValid()) throw damaged(source, cursor, "a wrong checksum");
            try {
                take(batch, cleaned);
            } catch (MalformedException malformed) {
                throw damaged(source, cursor, String.valueOf(malformed.getMessage()));
            }
        }
        if (cursor.problem() != null) throw damaged(source, cursor, cursor.problem());
    }

    static CorruptLogException damaged(LogSegment segment, BatchCursor at, String why) {
        return new CorruptLogException(segment.log().path() + " is damaged at position " + at.position() + ": " + why);
    }

    private void take(BatchHeader batch, LogSegment cleaned) throws IOException, InterruptedException {
        boolean isKept = batch.lastOffset() >= keptFromOffset;
        Outcome outcome;
        if (batch.isControl()) {
            Ended ended = transactions.onControl(batch);
            outcome = isKept ? BatchFilter.WHOLE : filter.filterMarker(batch, ended.isEmpty());
            AbortedTransaction aborted = ended.keepInIndex();
            if (aborted != null) cleaned.addAborted(aborted);
        } else {
            boolean isAborted = transactions.isAborted(batch);
            outcome = isKept ? BatchFilter.WHOLE : filter.filterRecords(batch, isAborted);
        }
        switch (outcome) {
            case Outcome.Whole() -> put(batch.bytes(), cleaned);
            case Outcome.Rewritten(var rewritten) -> put(rewritten, cleaned);
            case Outcome.Nothing() -> {}
        }
        pass.onBatch(batch, outcome);
    }

    /// Collects batches and writes them together.
    private void put(ByteBuffer batch, LogSegment cleaned) throws IOException, InterruptedException {
        if (batch.remaining() > output.remaining()) flush(cleaned);
        if (batch.remaining() > output.capacity()) output = ByteBuffer.allocate(batch.remaining());
        output.put(batch);
    }

    private void flush(LogSegment cleaned) throws IOException, InterruptedException {
        output.flip();
        if (output.hasRemaining()) {
            cleaned.write(output);
            for (int at = 0; at < output.limit(); ) {
                BatchHeader batch = new BatchHeader(output, at);
                cleaned.add(batch, indexIntervalBytes);
                at += batch.sizeInBytes();
            }
            pass.onWritten(output.limit());
        }
        output.clear();
    }

    private static void deleteQuietly(LogSegment cleaned, Exception failure) {
        try {
            cleaned.delete();
        } catch (IOException second) {
            failure.addSuppressed(second); // The next start removes it.
        }
    }
}
