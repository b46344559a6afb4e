package dev.tidemark.storage.segment;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.index.CorruptIndexException;
import dev.tidemark.storage.index.OffsetIndex;
import dev.tidemark.storage.index.TimeIndex;
import dev.tidemark.storage.index.TransactionIndex;
import java.io.IOException;

/// The three indexes beside a log file, opened together.
public record SegmentIndexes(OffsetIndex offsets, TimeIndex times, TransactionIndex aborted) {
    /// A log up to this size is searched as fast without an index.
    private static final int LOG_BYTES_WITHOUT_INDEX = 64 << 10;

    /// Of a segment that is new: whatever lies there under these names is not its own.
    static SegmentIndexes empty(PartitionFolder folder, long baseOffset) {
        return new SegmentIndexes(
                new OffsetIndex(new SegmentFile(folder, baseOffset, FileNames.INDEX), baseOffset, 0),
                new TimeIndex(new SegmentFile(folder, baseOffset, FileNames.TIME_INDEX), baseOffset, 0),
                new TransactionIndex(new SegmentFile(folder, baseOffset, FileNames.TXN_INDEX), 0));
    }

    /// As the files have them.
    ///
    /// @param mark of files on their way in or out, such as [FileNames#CLEANED]; empty for others
    /// @throws CorruptIndexException if they cannot belong to a log of `logBytes` bytes
    static SegmentIndexes open(PartitionFolder folder, long baseOffset, int logBytes, String mark) throws IOException {
        SegmentFile index = new SegmentFile(folder, baseOffset, FileNames.INDEX + mark);
        if (logBytes > LOG_BYTES_WITHOUT_INDEX && !index.exists()) {
            throw new CorruptIndexException(index.path() + " is missing");
        }
        SegmentFile timeIndex = new SegmentFile(folder, baseOffset, FileNames.TIME_INDEX + mark);
        SegmentFile txnIndex = new SegmentFile(folder, baseOffset, FileNames.TXN_INDEX + mark);
        SegmentIndexes opened = new SegmentIndexes(
                new OffsetIndex(index, baseOffset, entries(index, OffsetIndex.ENTRY_BYTES)),
                new TimeIndex(timeIndex, baseOffset, entries(timeIndex, TimeIndex.ENTRY_BYTES)),
                new TransactionIndex(txnIndex, entries(txnIndex, TransactionIndex.ENTRY_BYTES)));
        opened.checkEnds(baseOffset, logBytes, index);
        return opened;
    }

    private static int entries(SegmentFile file, int entryBytes) throws IOException {
        long bytes = file.sizeBytes();
        if (bytes % entryBytes != 0) throw new CorruptIndexException(file.path() + " ends inside of an entry");
        return Math.toIntExact(bytes / entryBytes);
    }

    private void checkEnds(long baseOffset, int logBytes, SegmentFile index) throws IOException {
        int last = offsets.count() - 1;
        if (last >= 0 && (offsets.position(last) >= logBytes || offsets.offset(last) < baseOffset)) {
            throw new CorruptIndexException(index.path() + " points behind the end of its log");
        }
        boolean timesEndBeforeTheyBegin =
                times.count() > 1 && times.last().timestampMs() < times.entry(0).timestampMs();
        if (times.last().offset() < baseOffset || timesEndBeforeTheyBegin) {
            throw new CorruptIndexException(index.path() + "'s time index does not rise");
        }
    }

    /// Whether every entry fits. Reads all of them.
    boolean arePlausible(long baseOffset, int logBytes) throws IOException {
        return offsets.isPlausible(logBytes) && times.isPlausible() && aborted.isPlausible(baseOffset, Long.MAX_VALUE);
    }

    /// Writer. What an append of a batch at `position` adds.
    void add(BatchHeader batch, int position, TimeIndex.Entry largest) throws IOException {
        Check.that(position > 0, "the first batch needs no entry");
        offsets.append(batch.lastOffset(), position);
        times.appendIfLarger(largest.timestampMs(), largest.offset());
    }

    void writeBack() throws IOException {
        offsets.writeBack();
        times.writeBack();
        aborted.writeBack();
    }

    void writeBackAndCreate() throws IOException {
        offsets.writeBackAndCreate();
        times.writeBackAndCreate();
        aborted.writeBack();
    }

    void force() throws IOException {
        offsets.force();
        times.force();
    }

    void doubtCuts() throws IOException {
        offsets.doubtCuts();
        times.doubtCuts();
    }

    void forceCuts() throws IOException {
        offsets.forceIfCut();
        times.forceIfCut();
    }

    void rename(String mark) throws IOException {
        offsets.rename(FileNames.INDEX + mark);
        times.rename(FileNames.TIME_INDEX + mark);
        aborted.rename(FileNames.TXN_INDEX + mark);
    }

    void delete() throws IOException {
        offsets.delete();
        times.delete();
        aborted.delete();
    }

    void close() {
        offsets.close();
        times.close();
        aborted.close();
    }
}
