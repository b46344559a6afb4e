package dev.tidemark.storage.index;

import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The aborted transactions whose markers lie in a segment, in the order of the markers: version 0 (2 bytes), producer
/// id, first offset, last offset, last stable offset (8 each). Aborts are rare, so entries go to the file at once, and
/// the file is missing as long as there is none.
///
/// Appends and truncation are the writer's; readers see what [#count] published.
public final class TransactionIndex {
    public static final int ENTRY_BYTES = 34;

    private final SegmentFile file;
    private volatile int count;

    /// @param inFile how many entries the file holds
    public TransactionIndex(SegmentFile file, int inFile) {
        this.file = file;
        this.count = inFile;
    }

    public int count() {
        return count;
    }

    /// Writer.
    public void append(AbortedTransaction aborted) throws IOException {
        int before = count;
        ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES)
                .putShort((short) 0)
                .putLong(aborted.producerId())
                .putLong(aborted.firstOffset())
                .putLong(aborted.lastOffset())
                .putLong(aborted.lastStableOffset())
                .flip();
        file.write(entry, (long) before * ENTRY_BYTES);
        count = before + 1;
    }

    public List<AbortedTransaction> all() throws IOException {
        int entries = count;
        if (entries == 0) return List.of();
        ByteBuffer bytes = ByteBuffer.allocate(entries * ENTRY_BYTES);
        file.read(bytes, 0);
        if (bytes.hasRemaining()) throw new CorruptIndexException(file.path() + " ends inside of its entries");
        return parse(bytes.flip());
    }

    private List<AbortedTransaction> parse(ByteBuffer bytes) throws IOException {
        List<AbortedTransaction> aborted = new ArrayList<>();
        while (bytes.hasRemaining()) {
            short version = bytes.getShort();
            if (version != 0) throw new CorruptIndexException(file.path() + " has an entry of version " + version);
            aborted.add(new AbortedTransaction(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return aborted;
    }

    /// Writer. Keeps the entries whose markers lie below `offset`.
    public void truncateTo(long offset) throws IOException {
        int kept = 0;
        for (AbortedTransaction aborted : all()) {
            if (aborted.lastOffset() >= offset) break;
            kept++;
        }
        if (kept == count) return;
        file.truncate((long) kept * ENTRY_BYTES);
        count = kept;
    }

    /// Writer. Begins anew.
    public void reset() throws IOException {
        if (file.exists()) file.truncate(0);
        count = 0;
    }

    public void force() throws IOException {
        if (count > 0) file.force();
    }

    public void rename(String suffix) throws IOException {
        file.rename(suffix);
    }

    public void delete() throws IOException {
        file.delete();
    }

    public void close() {
        file.close();
    }
}
