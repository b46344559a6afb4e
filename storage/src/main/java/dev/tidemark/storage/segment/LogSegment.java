package dev.tidemark.storage.segment;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.index.TimeIndex;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run of a log's batches in one file, and its indexes. The last segment of a log is the active one, to which its
/// writer appends; the others do not change. Methods marked *writer* are the log's writer's; others may come from any
/// thread, which reads only what was published to it.
public final class LogSegment {
    private final PartitionFolder folder;
    private final long baseOffset;
    private final SegmentFile log;
    private final SegmentIndexing indexing;
    private final long createdMs;
    private volatile int sizeInBytes;
    /// Where the latest read that was cut at the end of a batch stopped: the likely begin of the next.
    private volatile int latestReadEnd;

    /// The writer's: bytes may lie behind the size, left by a write that failed.
    private boolean tailDirty;

    private LogSegment(PartitionFolder folder, long baseOffset, int sizeInBytes, long createdMs, String mark) {
        this.folder = folder;
        this.baseOffset = baseOffset;
        this.log = new SegmentFile(folder, baseOffset, FileNames.LOG + mark);
        this.sizeInBytes = sizeInBytes;
        this.createdMs = createdMs;
        this.indexing = new SegmentIndexing(folder, this, sizeInBytes == 0);
    }

    /// A segment without a byte and, until the first, without files.
    public static LogSegment create(PartitionFolder folder, long baseOffset, long wallMs) {
        return new LogSegment(folder, baseOffset, 0, wallMs, "");
    }

    /// A segment that is on the disk.
    public static LogSegment open(PartitionFolder folder, long baseOffset, int sizeInBytes, long wallMs) {
        return new LogSegment(folder, baseOffset, sizeInBytes, wallMs, "");
    }

    /// A segment without a byte whose files are marked as on their way in ([FileNames#CLEANED]); files of that name
    /// that lie there are emptied.
    public static LogSegment createMarked(PartitionFolder folder, long baseOffset, String mark, long wallMs)
            throws IOException {
        LogSegment segment = new LogSegment(folder, baseOffset, 0, wallMs, mark);
        segment.log.truncate(0);
        for (String kind : new String[] {FileNames.INDEX, FileNames.TIME_INDEX, FileNames.TXN_INDEX}) {
            new SegmentFile(folder, baseOffset, kind + mark).delete();
        }
        segment.indexing.openMarked(mark);
        return segment;
    }

    public long baseOffset() {
        return baseOffset;
    }

    public int sizeInBytes() {
        return sizeInBytes;
    }

    public SegmentFile log() {
        return log;
    }

    public boolean isEmpty() {
        return sizeInBytes == 0;
    }

    public long createdMs() {
        return createdMs;
    }

    /// By the file system; the time of creation where there is no file yet.
    public long lastModifiedMs() throws IOException {
        return isEmpty() ? createdMs : log.lastModifiedMs();
    }

    // ---- appending

    /// Writer. Whether a batch must go into a new segment.
    public boolean mustRollFor(int bytes, long lastOffset, long maxTimestampMs, LogConfig config, long wallMs)
            throws IOException {
        if (isEmpty()) return lastOffset - baseOffset > Integer.MAX_VALUE;
        if (sizeInBytes > config.segmentBytes() - bytes) return true;
        if (lastOffset - baseOffset > Integer.MAX_VALUE) return true;
        return isOlderThan(ageMaxMs(config), maxTimestampMs, wallMs) || indexing.areFull(config.segmentIndexBytes());
    }

    private boolean isOlderThan(long ageMs, long maxTimestampMs, long wallMs) throws IOException {
        long firstTimestampMs = indexing.firstTimestampMs();
        if (firstTimestampMs >= 0 && maxTimestampMs >= 0) return maxTimestampMs - firstTimestampMs > ageMs;
        return wallMs - createdMs > ageMs;
    }

    /// The cleaner leaves the active segment alone: a compacted one ends before its first record must be considered.
    private long ageMaxMs(LogConfig config) {
        long ageMs = config.segmentMs() - jitterMs(config);
        return config.compact() ? Math.min(ageMs, config.maxCompactionLagMs()) : ageMs;
    }

    /// Spreads the rolls of segments that were begun together; the same for a segment at each call.
    private long jitterMs(LogConfig config) {
        long bound = Math.min(config.segmentJitterMs(), config.segmentMs());
        if (bound <= 0) return 0;
        long hash = (folder.path().getFileName().toString().hashCode() * 31L + baseOffset) * 0x9E3779B97F4A7C15L;
        return (hash >>> 1) % bound;
    }

    /// Writer. Writes all that remains of `batches`, in one write, behind what is there. The batches count only once
    /// they were [#add]ed one by one; if this fails none does, and what it left is cut off before the next write.
    public void write(ByteBuffer batches) throws IOException {
        OpenFile file = log.acquireForWrite();
        try {
            if (tailDirty) file.file().truncate(sizeInBytes);
            tailDirty = true;
            file.file().write(batches.duplicate(), sizeInBytes);
            tailDirty = false;
        } finally {
            file.release();
        }
    }

    /// Writer. Counts a batch that was written at the end.
    public void add(BatchHeader batch, int indexIntervalBytes) throws IOException {
        int position = sizeInBytes;
        indexing.add(batch, position, indexIntervalBytes);
        sizeInBytes = position + batch.sizeInBytes();
    }

    /// Writer.
    public void addAborted(AbortedTransaction aborted) throws IOException {
        indexing.indexes().aborted().append(aborted);
    }

    /// Writer. Cuts off what a failed write left behind the end.
    public void cutDirtyTail() throws IOException {
        if (!tailDirty) return;
        if (log.exists()) log.truncate(sizeInBytes);
        tailDirty = false;
    }

    /// Writer. No more will be appended: the last time index entry becomes the largest timestamp.
    public void seal() throws IOException {
        indexing.seal();
    }

    /// Writer. Takes only the first `position` bytes for batches. To be followed by [#truncate].
    public void endAt(int position) {
        tailDirty = true;
        latestReadEnd = 0;
        sizeInBytes = position;
    }

    /// Writer. Cuts the file at the begin of a batch.
    ///
    /// @param offset the first offset that goes
    public void truncate(int position, long offset) throws IOException {
        indexing.truncate(position, offset);
        log.truncate(position);
        tailDirty = false;
        latestReadEnd = 0;
        sizeInBytes = position;
        if (position == 0) indexing.restart();
        else indexing.resume();
    }

    /// Writer. Takes up from the indexes what is kept of the batches behind their last entries.
    ///
    /// @return the offset behind the last batch; [#baseOffset] where there is none
    public long resumeFromIndexes() throws IOException {
        return indexing.resume();
    }

    // ---- looking up

    /// The indexes, opened at first use; built anew from the log where they do not fit it.
    public SegmentIndexes indexes() throws IOException {
        return indexing.indexes();
    }

    /// Makes all indexes but that of transactions anew from the batches, whose bytes are not checked again.
    public void rebuildIndexes(int indexIntervalBytes) throws IOException {
        indexing.rebuild(indexIntervalBytes);
    }

    /// Writer, on recovery. Throws the index files away and begins with empty ones.
    public void resetIndexes() throws IOException {
        indexing.reset();
        latestReadEnd = 0;
        sizeInBytes = 0;
    }

    /// Writer, on recovery. Takes only the first `position` bytes for batches; what lies behind is added again.
    ///
    /// @param offset of the first batch behind
    public void rewindTo(int position, long offset) throws IOException {
        indexing.rewindTo(position, offset);
        sizeInBytes = position;
        latestReadEnd = 0;
        indexing.resume();
    }

    /// Writer, on recovery. Completes the indexes of a segment that is not the active one.
    public void sealRecovered() throws IOException {
        seal();
        indexes().writeBackAndCreate();
    }

    /// Whether every entry of the indexes fits. Reads them whole.
    public boolean areIndexesPlausible() throws IOException {
        return indexing.arePlausible();
    }

    /// The first batch whose last offset is at least `offset`.
    ///
    /// @param limit where the batches end for this reader
    /// @return a cursor on it; one that stands at the limit if there is none
    public BatchCursor seek(long offset, int limit) throws IOException {
        BatchCursor cursor = seekFromLatestRead(offset, limit);
        if (cursor != null) return cursor;
        cursor = BatchCursor.ofHeaders(log, Math.min(limit, indexes().offsets().positionAtOrBefore(offset)), limit);
        while (cursor.next()) {
            if (cursor.header().lastOffset() >= offset) return cursor;
        }
        if (cursor.problem() != null) throw new CorruptLogException(log.path(), cursor);
        return cursor;
    }

    /// One look at where the reader, or another one, stopped before.
    private @Nullable BatchCursor seekFromLatestRead(long offset, int limit) throws IOException {
        int end = latestReadEnd;
        if (end == 0 || end >= limit) return null;
        BatchCursor cursor = BatchCursor.ofHeaders(log, end, limit);
        if (!cursor.next()) return null;
        BatchHeader batch = cursor.header();
        return batch.baseOffset() <= offset && batch.lastOffset() >= offset ? cursor : null;
    }

    /// Remembers the end of a read.
    public void onReadUpTo(int position) {
        latestReadEnd = position;
    }

    /// The largest begin of a batch that is known to be at or before `position`; 0 if there is none.
    public int boundaryAtOrBefore(int position) throws IOException {
        return indexes().offsets().batchStartAtOrBefore(position);
    }

    /// The aborted transactions whose markers lie in here.
    public List<AbortedTransaction> aborted() throws IOException {
        return isEmpty() ? List.of() : indexes().aborted().all();
    }

    /// As [dev.tidemark.storage.index.TransactionIndex#collect].
    public boolean collectAborted(long fromOffset, long upperOffset, List<AbortedTransaction> found)
            throws IOException {
        return !isEmpty() && indexes().aborted().collect(fromOffset, upperOffset, found);
    }

    /// An offset above all batches that end at or before `position`; `otherwise` where that is not known.
    public long offsetBehind(int position, long otherwise) throws IOException {
        return indexes().offsets().offsetBehind(position, otherwise);
    }

    /// The largest timestamp, -1 if there is none, and the last offset of the first batch that has it.
    public TimeIndex.Entry largest() throws IOException {
        return indexing.largest();
    }

    // ---- files

    /// Has the log file on the disk although nothing was written: its name tells the next offset.
    public void createFile() throws IOException {
        log.acquireForWrite().release();
    }

    /// Puts the indexes' newest entries into their files.
    public void writeBackIndexes() throws IOException {
        indexing.writeBack();
    }

    /// Writes what [#force] would make last, and leaves the forcing to the caller.
    public void writeBack(boolean withIndexes) throws IOException {
        if (isEmpty()) return;
        if (withIndexes) indexes().writeBackAndCreate();
        else writeBackIndexes();
    }

    /// Makes everything last, and complete as Kafka expects to find it.
    public void force(boolean withIndexes) throws IOException {
        if (isEmpty()) return;
        log.force();
        if (withIndexes) {
            indexes().writeBackAndCreate();
            indexes().force();
        } else {
            writeBackIndexes();
        }
        indexing.forceWhatMustLast();
    }

    /// Writer, on recovery, or in a force. The other indexes can be made anew from the batches; without this one
    /// aborted records look committed, and with one that was thrown away committed ones look aborted.
    public void forceAborted() throws IOException {
        indexing.forceAborted();
    }

    /// Reads the batches from `offset` on, checks them, and writes the same bytes again in their place.
    public void rewrite(long offset, int limit) throws IOException {
        BatchCursor cursor = seek(offset, limit);
        if (cursor.size() == 0) return;
        do {
            BatchHeader batch = cursor.whole();
            if (!batch.isCrcValid()) {
                throw new CorruptLogException(log.path() + " is damaged at position " + cursor.position());
            }
            log.write(batch.bytes(), cursor.position());
        } while (cursor.next());
        if (cursor.position() != limit) throw new CorruptLogException(log.path(), cursor);
    }

    /// Gives all files a mark, or takes it away. Readers of older snapshots go on.
    public void mark(String mark) throws IOException {
        SegmentIndexes readable = indexing.forReaders();
        log.rename(FileNames.LOG + mark);
        readable.rename(mark);
    }

    public void delete() throws IOException {
        log.delete();
        indexing.files().delete();
    }

    /// Gives up open files; they are opened again when needed.
    public void closeFiles() {
        log.close();
        indexing.close();
    }

    @Override
    public String toString() {
        return log.path().getFileName() + "[" + sizeInBytes + " bytes]";
    }
}
