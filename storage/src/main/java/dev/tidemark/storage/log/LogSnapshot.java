package dev.tidemark.storage.log;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileRecords;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.TailPositions;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A log as it was at one moment: an immutable value for readers on any thread, who share no lock with the writer.
/// Reads may block on the disk where the wanted bytes are cold; looking up an offset near the end never does.
public final class LogSnapshot {
    private final LogSegment[] segments;
    private final long logStartOffset;
    private final long logEndOffset;
    private final long firstUnstableOffset;
    private final TailPositions.View tail;
    private final Supplier<LogSnapshot> newest;

    /// @param segments in order, at least one; the last is the active one, of which only what `tail` covers counts
    /// @param firstUnstableOffset the first offset whose fate is open, `Long.MAX_VALUE` where there is none
    /// @param newest   the log's snapshot now: files of an old one may be gone
    LogSnapshot(
            LogSegment[] segments,
            long logStartOffset,
            long logEndOffset,
            long firstUnstableOffset,
            TailPositions.View tail,
            Supplier<LogSnapshot> newest) {
        this.segments = segments;
        this.logStartOffset = logStartOffset;
        this.logEndOffset = logEndOffset;
        this.firstUnstableOffset = firstUnstableOffset;
        this.tail = tail;
        this.newest = newest;
    }

    /// The first offset that may be read.
    public long logStartOffset() {
        return logStartOffset;
    }

    /// The offset that the next record gets.
    public long logEndOffset() {
        return logEndOffset;
    }

    /// The offset below which no transaction is open. In the same value as the records: whoever sees a transaction's
    /// records here sees that it is open, too.
    ///
    /// @param highWatermark read after this snapshot was taken, or it would be that of older records
    public long lastStableOffset(long highWatermark) {
        long stable = Math.min(firstUnstableOffset, Math.min(highWatermark, logEndOffset));
        return Math.max(stable, logStartOffset); // Of a transaction whose begin was deleted nothing is held back.
    }

    long firstUnstableOffset() {
        return firstUnstableOffset;
    }

    /// The bytes of all segments.
    public long sizeInBytes() {
        long size = activeSize();
        for (int i = 0; i < segments.length - 1; i++) size += segments[i].sizeInBytes();
        return size;
    }

    /// In order; the last one is the active one, which has [#activeSize] bytes in this snapshot.
    public List<LogSegment> segments() {
        return List.of(segments);
    }

    public int activeSize() {
        return tail.endPosition();
    }

    /// Whether [#read] finds `fetchOffset` without looking on the disk.
    public boolean isNearEnd(long fetchOffset) {
        return fetchOffset >= logEndOffset
                || (fetchOffset >= segments[segments.length - 1].baseOffset() && tail.positionOf(fetchOffset) >= 0);
    }

    /// Batches from the one that holds `fetchOffset` on, and none that holds `upperOffset` or a higher one.
    ///
    /// @param maxBytes      how much to give; whole batches where the ends of batches are known without a search
    /// @param minOneMessage give the first batch whole although it is larger than `maxBytes`
    /// @param upperOffset   exclusive bound: high watermark, last stable offset or log end offset
    /// @throws IOException if the disk fails; the log goes on with what it can
    public ReadResult read(long fetchOffset, int maxBytes, boolean minOneMessage, long upperOffset) throws IOException {
        if (fetchOffset < logStartOffset || fetchOffset > logEndOffset) {
            return new ReadResult.OutOfRange(logStartOffset, logEndOffset);
        }
        long upper = Math.min(upperOffset, logEndOffset);
        if (fetchOffset >= upper) return ReadResult.NOTHING_NEW;
        try {
            return readBelow(fetchOffset, maxBytes, minOneMessage, upper);
        } catch (NoSuchFileException deleted) {
            LogSnapshot now = newest.get();
            if (now.equals(this)) throw deleted;
            return now.read(fetchOffset, maxBytes, minOneMessage, upperOffset);
        }
    }

    private ReadResult readBelow(long fetchOffset, int maxBytes, boolean minOneMessage, long upper) throws IOException {
        for (int i = segmentOf(fetchOffset); i < segments.length; i++) {
            if (segments[i].baseOffset() >= upper) break;
            Place first = locate(i, fetchOffset);
            if (first.position == limit(i)) continue; // Compaction took all that follows in this segment.
            int end = endBelow(i, first, upper);
            if (end <= first.position) break;
            return slice(i, first, end, maxBytes, minOneMessage, end == limit(i) && i < segments.length - 1);
        }
        return ReadResult.NOTHING_NEW;
    }

    /// @param moreFollows whether there is a segment behind
    private ReadResult slice(
            int segment, Place first, int end, int maxBytes, boolean minOneMessage, boolean moreFollows)
            throws IOException {
        int firstSize = first.size;
        boolean oversized = firstSize > maxBytes;
        if (oversized && !minOneMessage) return ReadResult.NONE_FITS;
        int size = end - first.position;
        if (size > maxBytes) size = oversized ? firstSize : cut(segment, first, maxBytes);
        LogSegment from = segments[segment];
        boolean endReached = first.position + size == end && !moreFollows;
        if (!endReached) from.onReadUpTo(first.position + size);
        FileRecords records = new FileRecords(from.log().acquireForRead(), first.position, size);
        return new ReadResult.Read(records, endReached, oversized);
    }

    /// The largest size up to `maxBytes` that ends with a batch, as far as ends are known.
    private int cut(int segment, Place first, int maxBytes) throws IOException {
        int wanted = first.position + maxBytes;
        int known = isActive(segment) ? tail.boundaryAtOrBefore(wanted) : TailPositions.View.UNKNOWN;
        if (known < 0) known = segments[segment].boundaryAtOrBefore(wanted);
        return Math.max(known - first.position, first.size);
    }

    /// Where a batch lies; at the limit with size 0 if there is none.
    private record Place(int position, int size) {}

    /// The first batch of a segment whose last offset is at least `offset`.
    private Place locate(int segment, long offset) throws IOException {
        int limit = limit(segment);
        if (isActive(segment)) {
            int position = tail.positionOf(offset);
            if (position >= 0) return new Place(position, position == limit ? 0 : tail.sizeOf(offset));
        }
        BatchCursor cursor = segments[segment].seek(offset, limit);
        return new Place(cursor.position(), cursor.size());
    }

    /// The position behind the last batch of a segment that is wholly below `upper`.
    private int endBelow(int segment, Place first, long upper) throws IOException {
        boolean wholeSegment = isActive(segment) ? upper >= logEndOffset : upper >= segments[segment + 1].baseOffset();
        if (wholeSegment) return limit(segment);
        int end = locate(segment, upper).position;
        return Math.max(end, first.position);
    }

    private boolean isActive(int segment) {
        return segment == segments.length - 1;
    }

    private int limit(int segment) {
        return isActive(segment) ? activeSize() : segments[segment].sizeInBytes();
    }

    /// The last segment that begins at or before `offset`.
    private int segmentOf(long offset) {
        int low = 0;
        int high = segments.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (segments[middle].baseOffset() <= offset) low = middle;
            else high = middle;
        }
        return low;
    }

    /// The first record, by offset, whose timestamp is `timestampMs` or later, from the log start offset on.
    public Optional<TimestampAndOffset> offsetForTimestamp(long timestampMs) throws IOException {
        return new TimestampSearch(this).firstAtOrAfter(timestampMs);
    }

    /// The first of the records with the largest timestamp.
    public Optional<TimestampAndOffset> offsetOfMaxTimestamp() throws IOException {
        return new TimestampSearch(this).ofLargest();
    }

    /// The batches of a segment from the one that holds `offset` on, for searches.
    BatchCursor batchesFrom(int segment, long offset) throws IOException {
        int limit = limit(segment);
        int position = segments[segment].indexes().offsets().positionAtOrBefore(offset);
        return BatchCursor.ofHeaders(segments[segment].log(), Math.min(position, limit), limit);
    }

    /// The batch that holds `offset`, or the first one behind it, with its header; empty if there is none.
    public Optional<BatchHeader> batchAt(long offset) throws IOException {
        for (int i = segmentOf(offset); i < segments.length; i++) {
            BatchCursor cursor = segments[i].seek(offset, limit(i));
            if (cursor.size() > 0) return Optional.of(cursor.whole());
        }
        return Optional.empty();
    }

    /// The aborted transactions that touch the offsets from `fetchOffset` to `upperOffset` (exclusive), in the order of
    /// their first offsets.
    public List<AbortedTransaction> abortedTransactions(long fetchOffset, long upperOffset) throws IOException {
        List<AbortedTransaction> found = new ArrayList<>();
        try {
            // An abort of what was read may be marked in any later segment, until one says that all before is stable.
            for (int i = segmentOf(fetchOffset); i < segments.length; i++) {
                if (segments[i].collectAborted(fetchOffset, upperOffset, found)) break;
            }
        } catch (NoSuchFileException deleted) {
            LogSnapshot now = newest.get();
            if (now.equals(this)) throw deleted;
            return now.abortedTransactions(fetchOffset, upperOffset);
        }
        found.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        return found;
    }

    /// Those that touch `records`, which [#read] gave for `fetchOffset` and `upperOffset`, and perhaps a few behind.
    public List<AbortedTransaction> abortedTransactions(long fetchOffset, FileRecords records, long upperOffset)
            throws IOException {
        if (records.sizeInBytes() == 0) return List.of();
        return abortedTransactions(fetchOffset, Math.min(upperOffset, offsetBehind(fetchOffset, records)));
    }

    private long offsetBehind(long fetchOffset, FileRecords records) throws IOException {
        int end = Math.toIntExact(records.position()) + records.sizeInBytes();
        for (int i = segmentOf(fetchOffset); i < segments.length; i++) {
            if (!records.isOf(segments[i].log())) continue;
            long next = isActive(i) ? logEndOffset : segments[i + 1].baseOffset();
            return end < limit(i) ? segments[i].offsetBehind(end, next) : next;
        }
        return Long.MAX_VALUE; // They come from a newer snapshot.
    }

    @Override
    public String toString() {
        return "LogSnapshot[" + logStartOffset + " to " + logEndOffset + ", " + segments.length + " segments]";
    }
}
