package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.RecordCursor;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.ProducerEnd;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// One pass over one log: reads the keys of the dirty part into a map, as far as they fit, then writes all segments
/// up to there anew, a group at a time, and puts each in place. Blocks; runs on a thread of the disk.
final class LogCompaction {
    private final CleanableLog log;
    private final LogConfig config;
    private final OffsetMap latest;
    private final CleanerPass pass;
    private final PassWaits waits;
    private final int decompressedBytesMax;
    private final int bufferBytes;
    private long truncationsBefore;

    LogCompaction(
            CleanableLog log,
            OffsetMap latest,
            CleanerPass pass,
            PassWaits waits,
            int bufferBytes,
            int decompressedBytesMax) {
        this.log = log;
        this.config = log.config();
        this.latest = latest;
        this.pass = pass;
        this.waits = waits;
        this.bufferBytes = bufferBytes;
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /// @throws dev.tidemark.storage.segment.CorruptLogException if the log holds what is no record
    CleaningResult run(CleanableRange range, long wallMs) throws IOException, InterruptedException {
        log.log().settleReplacement(); // Of a pass in which the disk has failed.
        truncationsBefore = log.truncations();
        Map<Long, ProducerEnd> producerEnds = get(log.producerEnds());
        List<LogSegment> segments = log.segments();
        List<AbortedTransaction> aborted = abortedTransactions(segments);
        long end = readKeys(segments, range, new CleanedTransactions(aborted));
        BatchFilter filter =
                new BatchFilter(latest, producerEnds, wallMs, config.deleteRetentionMs(), decompressedBytesMax);
        SegmentRewriter rewriter = new SegmentRewriter(
                log.log().folder(),
                filter,
                new CleanedTransactions(aborted),
                pass,
                range.toOffset(),
                config.indexIntervalBytes(),
                bufferBytes);
        for (List<LogSegment> group : groups(segments, end, config)) {
            if (!isUnchanged(group)) return pass.result(range.fromOffset(), latest.size(), false);
            LogSegment cleaned = rewriter.rewrite(group, wallMs);
            if (!putInPlace(group, cleaned)) return pass.result(range.fromOffset(), latest.size(), false);
        }
        return pass.result(end, latest.size(), true);
    }

    /// Of the whole log: an aborted record's marker may lie in any later segment.
    private static List<AbortedTransaction> abortedTransactions(List<LogSegment> segments) throws IOException {
        List<AbortedTransaction> all = new ArrayList<>();
        for (LogSegment segment : segments) {
            if (!segment.isEmpty()) all.addAll(segment.indexes().aborted().all());
        }
        return all;
    }

    // ---- the keys of the dirty part

    /// @return the first offset whose record was not looked at
    private long readKeys(List<LogSegment> segments, CleanableRange range, CleanedTransactions transactions)
            throws IOException, InterruptedException {
        latest.clear();
        ByteBuffer buffer = ByteBuffer.allocate(bufferBytes);
        long end = range.fromOffset();
        for (int i = 0; i < segments.size() - 1; i++) {
            LogSegment segment = segments.get(i);
            long next = segments.get(i + 1).baseOffset();
            if (next <= range.fromOffset()) continue;
            if (segment.baseOffset() >= range.toOffset()) break;
            if (!readKeys(segment, range, transactions, buffer)) return latest.latestOffset() + 1;
            end = Math.min(next, range.toOffset());
            latest.lookedAt(end - 1);
        }
        return end;
    }

    /// @return false if the map is full
    private boolean readKeys(
            LogSegment segment, CleanableRange range, CleanedTransactions transactions, ByteBuffer buffer)
            throws IOException, InterruptedException {
        BatchCursor cursor = new BatchCursor(segment.log(), 0, segment.sizeInBytes(), buffer);
        while (cursor.next()) {
            if (cursor.header().baseOffset() >= range.toOffset()) return true;
            BatchHeader batch = cursor.whole();
            pass.onRead(batch.sizeInBytes());
            if (!batch.isCrcValid()) throw SegmentRewriter.damaged(segment, cursor, "a wrong checksum");
            try {
                if (!readKeys(batch, range, transactions)) return false;
            } catch (MalformedException malformed) {
                throw SegmentRewriter.damaged(segment, cursor, String.valueOf(malformed.getMessage()));
            }
        }
        if (cursor.problem() != null) throw SegmentRewriter.damaged(segment, cursor, cursor.problem());
        return true;
    }

    private boolean readKeys(BatchHeader batch, CleanableRange range, CleanedTransactions transactions) {
        if (batch.isControl()) transactions.onControl(batch);
        else if (!transactions.isAborted(batch) && batch.lastOffset() >= range.fromOffset()) {
            if (!readKeysOfRecords(batch, range)) return false;
        }
        if (batch.lastOffset() > latest.latestOffset() && batch.lastOffset() >= range.fromOffset()) {
            latest.lookedAt(batch.lastOffset());
        }
        return true;
    }

    private boolean readKeysOfRecords(BatchHeader batch, CleanableRange range) {
        try (RecordCursor cursor = new RecordCursor(batch, decompressedBytesMax)) {
            while (cursor.next()) {
                if (cursor.offset() < range.fromOffset()) continue;
                ByteBuffer key = cursor.key();
                if (key == null) latest.lookedAt(cursor.offset());
                else if (!latest.put(key, cursor.offset())) return false;
            }
        }
        return true;
    }

    // ---- writing anew

    /// The segments that begin below `end`, but for the active one, in runs that become one each: as many as fit one
    /// segment by the configuration.
    static List<List<LogSegment>> groups(List<LogSegment> segments, long end, LogConfig config) throws IOException {
        List<List<LogSegment>> groups = new ArrayList<>();
        Room room = new Room(config);
        for (int i = 0; i < segments.size() - 1 && segments.get(i).baseOffset() < end; i++) {
            LogSegment segment = segments.get(i);
            long segmentEnd = segments.get(i + 1).baseOffset();
            if (groups.isEmpty() || !room.holds(segment, segmentEnd)) {
                groups.add(new ArrayList<>());
                room = new Room(config);
            }
            room.take(segment);
            groups.getLast().add(segment);
        }
        return groups;
    }

    /// What fits into one segment.
    private static final class Room {
        private final LogConfig config;
        private long firstOffset = -1;
        private long bytes;
        private long offsetEntries;
        private long timeEntries;

        Room(LogConfig config) {
            this.config = config;
        }

        /// A segment's offsets must lie within 2^31 of its base; the segment behind tells where this one ends at most.
        boolean holds(LogSegment segment, long segmentEnd) throws IOException {
            return bytes + segment.sizeInBytes() <= config.segmentBytes()
                    && (offsetEntries + segment.indexes().offsets().count()) * 8 <= config.segmentIndexBytes()
                    && (timeEntries + segment.indexes().times().count()) * 12 <= config.segmentIndexBytes()
                    && segmentEnd - 1 - firstOffset <= Integer.MAX_VALUE;
        }

        void take(LogSegment segment) throws IOException {
            if (firstOffset < 0) firstOffset = segment.baseOffset();
            bytes += segment.sizeInBytes();
            offsetEntries += segment.indexes().offsets().count();
            timeEntries += segment.indexes().times().count();
        }
    }

    /// Whether the group is still what the log has; the writer may drop segments at any time.
    private boolean isUnchanged(List<LogSegment> group) {
        return log.truncations() == truncationsBefore && log.segments().containsAll(group);
    }

    /// Of the files: the cleaned ones are complete. They become `.swap`, and with that the decision has fallen: a
    /// restart goes on from there. The old ones become `.deleted`, and then the new ones lose their mark.
    private boolean putInPlace(List<LogSegment> group, LogSegment cleaned) throws IOException, InterruptedException {
        if (!isUnchanged(group) || !log.log().announceReplacement(cleaned, truncationsBefore)) {
            cleaned.delete();
            return false;
        }
        if (get(log.replace(List.copyOf(group), cleaned, truncationsBefore))) return true;
        log.log().settleReplacement();
        return false;
    }

    private <T> T get(CompletableFuture<T> result) throws IOException, InterruptedException {
        try {
            return waits.await(result);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof IOException cause) throw new IOException(cause.getMessage(), cause);
            throw new IllegalStateException(failure.getCause());
        }
    }
}
