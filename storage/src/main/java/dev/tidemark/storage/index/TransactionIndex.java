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
        entries.append(ByteBuffer.allocate(ENTRY_BYTES)
                .putShort(VERSION)
                .putLong(aborted.producerId())
                .putLong(aborted.firstOffset())
                .putLong(aborted.lastOffset())
                .putLong(aborted.lastStableOffset())
                .flip());
    }

    public List<AbortedTransaction> all() throws IOException {
        if (entries.count() == 0) return List.of();
        ByteBuffer bytes = entries.all();
        List<AbortedTransaction> aborted = new ArrayList<>(bytes.remaining() / ENTRY_BYTES);
        while (bytes.hasRemaining()) {
            short version = bytes.getShort();
            if (version != VERSION) throw new CorruptIndexException("a transaction index of version " + version);
            aborted.add(new AbortedTransaction(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return aborted;
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
