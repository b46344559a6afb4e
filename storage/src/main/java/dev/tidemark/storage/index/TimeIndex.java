package dev.tidemark.storage.index;

import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Where in a segment to begin looking for a timestamp: now and then the largest timestamp so far (8 bytes), and the
/// last offset of the batch that has it, relative to the segment's base offset (4 bytes). Timestamps rise; a closed
/// segment's last entry is its largest timestamp. As the owner says in [IndexEntries].
public final class TimeIndex {
    public static final int ENTRY_BYTES = 12;

    private static final IndexEntries.Key TIMESTAMP = (entries, index) -> entries.getLong(index * ENTRY_BYTES);
    private static final IndexEntries.Key OFFSET = (entries, index) -> entries.getInt(index * ENTRY_BYTES + 8);

    /// @param timestampMs -1 where there is none
    public record Entry(long timestampMs, long offset) {}

    private final IndexEntries entries;
    private final long baseOffset;
    /// The writer's.
    private final ByteBuffer scratch = ByteBuffer.allocate(ENTRY_BYTES);

    /// The writer's: the timestamp of the last entry; `Long.MIN_VALUE` while it was not read.
    private long lastTimestampMs;

    /// @param inFile how many entries the file holds
    public TimeIndex(SegmentFile file, long baseOffset, int inFile) {
        this.entries = new IndexEntries(file, ENTRY_BYTES, inFile);
        this.baseOffset = baseOffset;
        this.lastTimestampMs = inFile == 0 ? -1 : Long.MIN_VALUE;
    }

    public int count() {
        return entries.count();
    }

    /// Writer. Adds an entry if `timestampMs` is larger than that of the last one.
    public void appendIfLarger(long timestampMs, long offset) throws IOException {
        if (lastTimestampMs == Long.MIN_VALUE) resume();
        if (timestampMs <= lastTimestampMs) return;
        entries.append(scratch.putLong(0, timestampMs).putInt(8, (int) (offset - baseOffset)));
        lastTimestampMs = timestampMs;
    }

    /// Writer. Has what [#appendIfLarger] compares with in memory, so that it cannot fail.
    public void resume() throws IOException {
        lastTimestampMs = last().timestampMs();
    }

    /// The last entry whose timestamp is at most `timestampMs`; without one, timestamp -1 at the base offset.
    public Entry floor(long timestampMs) throws IOException {
        return entryOrNone(entries.floor(TIMESTAMP, timestampMs));
    }

    public Entry last() throws IOException {
        return entryOrNone(entries.count() - 1);
    }

    public Entry entry(int index) throws IOException {
        return entryOrNone(index);
    }

    /// Writer. Keeps the entries below `offset`.
    public void truncateTo(long offset) throws IOException {
        entries.truncate(entries.floor(OFFSET, offset - 1 - baseOffset) + 1);
        lastTimestampMs = last().timestampMs();
    }

    /// Whether what the file holds can be a time index. Reads all of it.
    public boolean isPlausible() throws IOException {
        ByteBuffer all = entries.read(0, entries.count());
        long previousTimestamp = Long.MIN_VALUE;
        int previousOffset = -1;
        while (all.hasRemaining()) {
            long timestamp = all.getLong();
            int offset = all.getInt();
            if (timestamp <= previousTimestamp || offset < previousOffset || offset < 0) return false;
            previousTimestamp = timestamp;
            previousOffset = offset;
        }
        return true;
    }

    private Entry entryOrNone(int index) throws IOException {
        if (index < 0) return new Entry(-1, baseOffset);
        ByteBuffer entry = entries.entry(index);
        return new Entry(entry.getLong(0), baseOffset + entry.getInt(8));
    }

    /// Any thread.
    public void writeBack() throws IOException {
        entries.writeBack();
    }

    public void writeBackAndCreate() throws IOException {
        entries.writeBackAndCreate();
    }

    public void force() throws IOException {
        entries.force();
    }

    /// What was truncated stays so.
    public void forceIfCut() throws IOException {
        entries.forceIfCut();
    }

    /// Writer. As [IndexEntries#doubtCuts].
    public void doubtCuts() throws IOException {
        entries.doubtCuts();
    }

    public void rename(String suffix) throws IOException {
        entries.rename(suffix);
    }

    public void delete() throws IOException {
        entries.delete();
    }

    public void close() {
        entries.close();
    }
}
