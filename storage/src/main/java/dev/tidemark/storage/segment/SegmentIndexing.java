package dev.tidemark.storage.segment;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.index.CorruptIndexException;
import dev.tidemark.storage.index.TimeIndex;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A segment's indexes, opened at first use and built anew from the log where they do not fit it; and what its writer
/// has to know of the batches behind their last entries. Any thread reads; the segment's writer changes.
final class SegmentIndexing {
    private static final TimeIndex.Entry UNREAD = new TimeIndex.Entry(Long.MIN_VALUE, -1);

    private final PartitionFolder folder;
    private final LogSegment segment;
    private final long baseOffset;
    private volatile @Nullable SegmentIndexes indexes;
    /// The largest timestamp, and the last offset of the first batch that has it.
    private volatile TimeIndex.Entry largest;
    /// A power cut could bring back the files of indexes that were thrown away.
    private volatile boolean areOldOnesUnforced;
    /// The writer's: bytes behind the batch of the last index entry.
    private int bytesSinceEntry;
    /// The writer's: of the first append; `Long.MIN_VALUE` while it was not read.
    private long firstTimestampMs;

    SegmentIndexing(PartitionFolder folder, LogSegment segment, boolean isEmpty) {
        this.folder = folder;
        this.segment = segment;
        this.baseOffset = segment.baseOffset();
        this.largest = isEmpty ? new TimeIndex.Entry(-1, baseOffset) : UNREAD;
        this.firstTimestampMs = isEmpty ? -1 : Long.MIN_VALUE;
    }

    SegmentIndexes indexes() throws IOException {
        SegmentIndexes now = indexes;
        return now != null ? now : open();
    }

    /// Null where nobody has asked for them yet.
    @Nullable
    SegmentIndexes opened() {
        return indexes;
    }

    private synchronized SegmentIndexes open() throws IOException {
        SegmentIndexes now = indexes;
        if (now == null) {
            try {
                now = segment.isEmpty()
                        ? SegmentIndexes.empty(folder, baseOffset)
                        : SegmentIndexes.open(folder, baseOffset, segment.sizeInBytes(), "");
            } catch (CorruptIndexException corrupt) {
                rebuild(LogConfig.DEFAULT.indexIntervalBytes());
                now = indexes;
            }
            indexes = now;
        }
        return Objects.requireNonNull(now);
    }

    /// Of a segment whose files have a mark.
    void openMarked(String mark) throws IOException {
        indexes = SegmentIndexes.open(folder, baseOffset, 0, mark);
    }

    /// Before the files get other names: whoever asks for the indexes then, and has an older snapshot, would find
    /// none, and take aborted records for committed ones.
    SegmentIndexes forReaders() {
        try {
            return indexes();
        } catch (IOException unreadable) {
            return files();
        }
    }

    /// For handling the files only: what they hold may be anything.
    synchronized SegmentIndexes files() {
        SegmentIndexes now = indexes;
        if (now == null) {
            now = SegmentIndexes.empty(folder, baseOffset);
            indexes = now;
        }
        return now;
    }

    /// Whether every entry of the indexes fits. Reads them whole.
    boolean arePlausible() throws IOException {
        try {
            return indexes().arePlausible(baseOffset, segment.sizeInBytes());
        } catch (CorruptIndexException corrupt) {
            return false;
        }
    }

    // ---- the writer's

    /// Writer. Counts a batch that was written at `position`.
    void add(BatchHeader batch, int position, int indexIntervalBytes) throws IOException {
        long timestampMs = batch.maxTimestamp();
        if (position == 0) firstTimestampMs = timestampMs;
        if (timestampMs > largest().timestampMs()) largest = new TimeIndex.Entry(timestampMs, batch.lastOffset());
        if (bytesSinceEntry > indexIntervalBytes) {
            indexes().add(batch, position, largest);
            bytesSinceEntry = 0;
        }
        bytesSinceEntry += batch.sizeInBytes();
    }

    /// Writer. The last time index entry becomes the largest timestamp.
    void seal() throws IOException {
        TimeIndex.Entry last = largest();
        if (last.timestampMs() >= 0) indexes().times().appendIfLarger(last.timestampMs(), last.offset());
    }

    /// Writer. Forgets the entries of the batches from `position` on.
    ///
    /// @param offset of the first of them
    void truncate(int position, long offset) throws IOException {
        SegmentIndexes now = indexes();
        now.offsets().truncateToPosition(position);
        now.times().truncateTo(offset);
        now.aborted().truncateTo(offset);
    }

    /// Writer, on recovery. Forgets them, and knows that those of the process before may have been cut, too.
    void rewindTo(int position, long offset) throws IOException {
        truncate(position, offset);
        indexes().doubtCuts();
    }

    /// Writer. The segment has no batch any more.
    void restart() {
        forget();
        firstTimestampMs = -1;
    }

    private void forget() {
        largest = new TimeIndex.Entry(-1, baseOffset);
        bytesSinceEntry = 0;
    }

    /// Writer. See [LogSegment#resumeFromIndexes].
    long resume() throws IOException {
        SegmentIndexes now = indexes();
        int from = now.offsets().lastPosition();
        TimeIndex.Entry max = now.times().last();
        long next = baseOffset;
        BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), from, segment.sizeInBytes());
        while (cursor.next()) {
            BatchHeader batch = cursor.header();
            next = batch.nextOffset();
            max = larger(max, batch);
        }
        if (cursor.position() != segment.sizeInBytes())
            throw new CorruptLogException(segment.log().path(), cursor);
        now.times().resume();
        largest = max;
        bytesSinceEntry = segment.sizeInBytes() - from;
        firstTimestampMs();
        return next;
    }

    private static TimeIndex.Entry larger(TimeIndex.Entry max, BatchHeader batch) {
        boolean isLarger = batch.maxTimestamp() > max.timestampMs();
        return isLarger ? new TimeIndex.Entry(batch.maxTimestamp(), batch.lastOffset()) : max;
    }

    /// Writer. Of the first batch; -1 where there is none.
    long firstTimestampMs() throws IOException {
        if (firstTimestampMs == Long.MIN_VALUE) {
            BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
            firstTimestampMs = cursor.next() ? cursor.header().maxTimestamp() : -1;
        }
        return firstTimestampMs;
    }

    /// Writer. Whether another entry would be too many.
    boolean areFull(int bytesMax) {
        SegmentIndexes now = indexes;
        if (now == null) return false;
        return (now.offsets().count() + 1) * 8L > bytesMax || (now.times().count() + 2) * 12L > bytesMax;
    }

    /// Makes all indexes but that of transactions anew from the batches, whose bytes are not checked again.
    synchronized void rebuild(int indexIntervalBytes) throws IOException {
        SegmentIndexes fresh = emptied();
        TimeIndex.Entry max = new TimeIndex.Entry(-1, baseOffset);
        int sinceEntry = 0;
        BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
        while (cursor.next()) {
            BatchHeader batch = cursor.header();
            max = larger(max, batch);
            if (sinceEntry > indexIntervalBytes) {
                fresh.add(batch, cursor.position(), max);
                sinceEntry = 0;
            }
            sinceEntry += cursor.size();
        }
        if (max.timestampMs() >= 0) fresh.times().appendIfLarger(max.timestampMs(), max.offset());
        fresh.writeBackAndCreate();
        largest = max;
        bytesSinceEntry = sinceEntry;
        indexes = fresh;
    }

    private SegmentIndexes emptied() throws IOException {
        SegmentIndexes before = indexes;
        if (before != null) before.close();
        for (String kind : new String[] {FileNames.INDEX, FileNames.TIME_INDEX}) {
            SegmentFile file = new SegmentFile(folder, baseOffset, kind);
            file.truncate(0);
            file.close();
        }
        // That of transactions needs more than this segment: without it aborted records would seem to be committed.
        SegmentIndexes empty = SegmentIndexes.open(folder, baseOffset, segment.sizeInBytes(), "");
        empty.doubtCuts();
        return empty;
    }

    /// Writer, on recovery. Throws the files away and begins with empty ones.
    void reset() throws IOException {
        SegmentIndexes before = indexes;
        if (before != null) before.close();
        SegmentIndexes none = SegmentIndexes.empty(folder, baseOffset);
        if (none.aborted().isOnDisk()) areOldOnesUnforced = true;
        none.delete();
        indexes = SegmentIndexes.empty(folder, baseOffset);
        forget();
    }

    // ---- looking up

    /// The largest timestamp, -1 if there is none, and the last offset of the first batch that has it.
    TimeIndex.Entry largest() throws IOException {
        TimeIndex.Entry now = largest;
        return now.offset() >= 0 ? now : readLargest();
    }

    private synchronized TimeIndex.Entry readLargest() throws IOException {
        if (largest.offset() >= 0) return largest;
        TimeIndex.Entry last = indexes().times().last();
        if (last.timestampMs() < 0) {
            BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
            while (cursor.next()) last = larger(last, cursor.header());
        }
        largest = last;
        return last;
    }

    // ---- the disk

    /// Puts the newest entries into the files.
    void writeBack() throws IOException {
        SegmentIndexes now = indexes;
        if (now != null) now.writeBack();
    }

    /// Makes last what must be, once the entries are in the files.
    void forceWhatMustLast() throws IOException {
        SegmentIndexes now = indexes;
        if (now != null) now.forceCuts();
        forceAborted();
    }

    /// See [LogSegment#forceAborted].
    void forceAborted() throws IOException {
        SegmentIndexes now = indexes;
        boolean isNewName = now != null && now.aborted().forceNews();
        if (isNewName || areOldOnesUnforced) folder.disk().forceDirectory(folder.path());
        areOldOnesUnforced = false;
    }

    /// Gives up open files.
    void close() {
        SegmentIndexes now = indexes;
        if (now != null) now.close();
    }
}
