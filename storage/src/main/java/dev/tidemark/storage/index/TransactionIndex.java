package dev.tidemark.storage.index;

import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The aborted transactions whose markers lie in a segment, in the order of the markers: version 0 (2 bytes),
/// producer id, first offset, last offset, last stable offset (8 each). The file is missing as long as there is none.
/// As the owner says in [IndexEntries].
public final class TransactionIndex {
    public static final int ENTRY_BYTES = 34;

    private static final short VERSION = 0;
    private static final int BLOCK_ENTRIES = 256;
    private static final IndexEntries.Key LAST_OFFSET = (entries, index) -> entries.getLong(index * ENTRY_BYTES + 18);

    private final IndexEntries entries;

    /// @param inFile how many entries the file holds
    public TransactionIndex(SegmentFile file, int inFile) {
        this.entries = new IndexEntries(file, ENTRY_BYTES, inFile);
    }

    public int count() {
        return entries.count();
    }

    /// Writer.
    public void append(AbortedTransaction aborted) {
        entries.append(content(List.of(aborted)));
    }

    /// What a file has that holds these.
    public static ByteBuffer content(List<AbortedTransaction> aborted) {
        ByteBuffer content = ByteBuffer.allocate(aborted.size() * ENTRY_BYTES);
        for (AbortedTransaction each : aborted) {
            content.putShort(VERSION)
                    .putLong(each.producerId())
                    .putLong(each.firstOffset())
                    .putLong(each.lastOffset())
                    .putLong(each.lastStableOffset());
        }
        return content.flip();
    }

    public List<AbortedTransaction> all() throws IOException {
        if (entries.count() == 0) return List.of();
        List<AbortedTransaction> aborted = new ArrayList<>();
        ByteBuffer bytes = entries.all();
        while (bytes.hasRemaining()) aborted.add(next(bytes));
        return aborted;
    }

    private static AbortedTransaction next(ByteBuffer entry) throws CorruptIndexException {
        short version = entry.getShort();
        if (version != VERSION) throw new CorruptIndexException("a transaction index of version " + version);
        return new AbortedTransaction(entry.getLong(), entry.getLong(), entry.getLong(), entry.getLong());
    }

    /// Adds to `found` the transactions that touch the offsets from `fromOffset` to `upperOffset` (exclusive). Reads
    /// what lies around them, and not the whole index.
    ///
    /// @return whether none whose marker lies behind this segment can
    public boolean collect(long fromOffset, long upperOffset, List<AbortedTransaction> found) throws IOException {
        if (entries.count() == 0) return false;
        int at = entries.floor(LAST_OFFSET, fromOffset - 1) + 1;
        while (true) {
            ByteBuffer block = entries.range(at, BLOCK_ENTRIES);
            if (!block.hasRemaining()) return false;
            while (block.hasRemaining()) {
                AbortedTransaction aborted = next(block);
                if (aborted.firstOffset() < upperOffset) found.add(aborted);
                // When its marker came, the fate of all below was known.
                if (aborted.lastStableOffset() >= upperOffset) return true;
            }
            at += BLOCK_ENTRIES;
        }
    }

    /// Whether what the file holds can be the index of a segment: the markers lie in it, and rise. Reads all of it.
    public boolean isPlausible(long baseOffset, long endOffset) throws IOException {
        long before = baseOffset - 1;
        ByteBuffer all = entries.all();
        while (all.hasRemaining()) {
            if (all.getShort() != VERSION) return false;
            all.getLong();
            long first = all.getLong();
            long last = all.getLong();
            long stable = all.getLong();
            if (first < 0 || first >= last || last <= before || last >= endOffset || stable < 0) return false;
            before = last;
        }
        return true;
    }

    /// Writer. Keeps the entries whose markers lie below `offset`.
    public void truncateTo(long offset) throws IOException {
        if (entries.count() > 0) entries.truncate(entries.floor(LAST_OFFSET, offset - 1) + 1);
    }

    /// Any thread.
    public void writeBack() throws IOException {
        entries.writeBack();
    }

    public void force() throws IOException {
        entries.force();
    }

    /// Makes what was appended last, for which no other trace is looked at after the recovery point has moved on.
    ///
    /// @return whether the file may be new, so that its name must be forced too
    public boolean forceNews() throws IOException {
        if (entries.isForced()) return false;
        boolean isFirst = entries.forced() == 0;
        entries.writeBack();
        entries.force();
        return isFirst;
    }

    public boolean isOnDisk() {
        return entries.exists();
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
