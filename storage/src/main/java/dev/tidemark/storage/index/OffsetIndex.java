package dev.tidemark.storage.index;

import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Where in a segment's log to begin looking for an offset: every few KiB the last offset of a batch, relative to the
/// segment's base offset (4 bytes), and the batch's position (4 bytes). As the owner says in [IndexEntries].
public final class OffsetIndex {
    public static final int ENTRY_BYTES = 8;

    private static final IndexEntries.Key OFFSET = (entries, index) -> entries.getInt(index * ENTRY_BYTES);
    private static final IndexEntries.Key POSITION = (entries, index) -> entries.getInt(index * ENTRY_BYTES + 4);

    private final IndexEntries entries;
    private final long baseOffset;
    /// The writer's.
    private final ByteBuffer scratch = ByteBuffer.allocate(ENTRY_BYTES);

    /// @param inFile how many entries the file holds
    public OffsetIndex(SegmentFile file, long baseOffset, int inFile) {
        this.entries = new IndexEntries(file, ENTRY_BYTES, inFile);
        this.baseOffset = baseOffset;
    }

    public int count() {
        return entries.count();
    }

    /// Writer.
    public void append(long lastOffset, int position) {
        entries.append(scratch.putInt(0, (int) (lastOffset - baseOffset)).putInt(4, position));
    }

    /// A position at or before that of the batch that holds `offset`.
    public int positionAtOrBefore(long offset) throws IOException {
        return positionOf(entries.floorOfEven(OFFSET, offset - baseOffset));
    }

    /// The largest batch position known that is at most `position`; 0 if there is none.
    public int batchStartAtOrBefore(int position) throws IOException {
        return positionOf(entries.floorOfEven(POSITION, position));
    }

    private static int positionOf(IndexEntries.Found found) {
        return found.isNone() ? 0 : (int) POSITION.at(found.entries(), found.at());
    }

    /// An offset above all batches that end at or before `position`; `otherwise` where no entry lies behind them.
    public long offsetBehind(int position, long otherwise) throws IOException {
        int next = entries.floorOfEven(POSITION, position - 1L).index() + 1;
        return next < entries.count() ? offset(next) : otherwise;
    }

    /// The position of the last entry; 0 if there is none.
    public int lastPosition() throws IOException {
        int count = entries.count();
        return count == 0 ? 0 : position(count - 1);
    }

    public long offset(int index) throws IOException {
        return baseOffset + entries.entry(index).getInt(0);
    }

    public int position(int index) throws IOException {
        return entries.entry(index).getInt(4);
    }

    /// Writer. Keeps the entries whose batches lie below `position`.
    public void truncateToPosition(int position) throws IOException {
        entries.truncate(entries.floor(POSITION, position - 1L) + 1);
    }

    /// Whether what the file holds can be an index of a log of `logBytes` bytes: offsets and positions rise, nothing
    /// points beyond the end. Reads all of it.
    public boolean isPlausible(long logBytes) throws IOException {
        ByteBuffer all = entries.read(0, entries.count());
        int previousOffset = -1;
        int previousPosition = -1;
        while (all.hasRemaining()) {
            int offset = all.getInt();
            int position = all.getInt();
            if (offset <= previousOffset || position <= previousPosition || position >= logBytes) return false;
            previousOffset = offset;
            previousPosition = position;
        }
        return true;
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
