package dev.tidemark.storage.dump;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.index.OffsetIndex;
import dev.tidemark.storage.index.TimeIndex;
import dev.tidemark.storage.index.TransactionIndex;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A row for each entry of an index, held against the log beside it.
final class IndexDump {
    private static final int HEADERS_BYTES = 64 * 1024;

    private final Disk disk;
    private final Consumer<DumpRow> target;

    IndexDump(Disk disk, Consumer<DumpRow> target) {
        this.disk = disk;
        this.target = target;
    }

    void offsets(Path file) throws IOException {
        long base = SegmentDump.baseOffset(file);
        ByteBuffer entries = entries(file, OffsetIndex.ENTRY_BYTES);
        BatchCursor batches = batchesBeside(file);
        int position = -1;
        while (entries.hasRemaining()) {
            long offset = base + entries.getInt();
            int entryPosition = entries.getInt();
            if (offset == base && entryPosition == 0) return; // Kafka's active indexes are filled up with zeros.
            target.accept(new DumpRow("index").with("offset", offset).with("position", entryPosition));
            if (entryPosition <= position) problem("position " + entryPosition + " follows " + position);
            position = entryPosition;
            if (batches == null) continue;
            BatchHeader batch = batchAt(batches, position);
            if (batch == null) problem("no batch begins at position " + position);
            else if (batch.lastOffset() != offset) {
                problem("the batch at position " + position + " ends with offset " + batch.lastOffset() + ", not "
                        + offset);
            }
        }
    }

    void times(Path file) throws IOException {
        long base = SegmentDump.baseOffset(file);
        ByteBuffer entries = entries(file, TimeIndex.ENTRY_BYTES);
        BatchCursor batches = batchesBeside(file);
        long before = -1;
        while (entries.hasRemaining()) {
            long timestamp = entries.getLong();
            long offset = base + entries.getInt();
            if (timestamp == 0 && offset == base) return;
            target.accept(new DumpRow("timeindex").with("timestamp", timestamp).with("offset", offset));
            if (timestamp <= before) problem("timestamp " + timestamp + " follows " + before);
            before = timestamp;
            if (batches == null) continue;
            BatchHeader batch = batchOf(batches, offset);
            if (batch == null) problem("no batch has offset " + offset);
            else if (batch.maxTimestamp() != timestamp) {
                problem("the batch of offset " + offset + " has " + batch.maxTimestamp() + " for its latest time, not "
                        + timestamp);
            }
        }
    }

    void aborted(Path file) throws IOException {
        ByteBuffer entries = entries(file, TransactionIndex.ENTRY_BYTES);
        long before = -1;
        while (entries.hasRemaining()) {
            short version = entries.getShort();
            long producerId = entries.getLong();
            long first = entries.getLong();
            long last = entries.getLong();
            target.accept(new DumpRow("aborted")
                    .with("version", version)
                    .with("producerId", producerId)
                    .with("firstOffset", first)
                    .with("lastOffset", last)
                    .with("lastStableOffset", entries.getLong()));
            if (version != 0) problem("version " + version + " instead of 0");
            if (last < first) problem("last offset " + last + " is below first offset " + first);
            if (last <= before) problem("last offset " + last + " follows " + before);
            before = last;
        }
    }

    private void problem(String text) {
        target.accept(LogDump.problem(text));
    }

    private ByteBuffer entries(Path file, int entryBytes) throws IOException {
        byte[] bytes = disk.readAll(file);
        int whole = bytes.length - bytes.length % entryBytes;
        // Kafka's preallocated index of an active segment need not be a multiple.
        if (whole != bytes.length && !isZeros(bytes, whole)) problem("the file ends inside of an entry");
        return ByteBuffer.wrap(bytes, 0, whole);
    }

    private static boolean isZeros(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) if (bytes[i] != 0) return false;
        return true;
    }

    private @Nullable BatchCursor batchesBeside(Path index) throws IOException {
        Path log = index.resolveSibling(FileNames.of(SegmentDump.baseOffset(index), FileNames.LOG));
        if (!disk.exists(log)) {
            problem("there is no " + log.getFileName() + " beside it");
            return null;
        }
        return SegmentDump.batches(disk, log, HEADERS_BYTES);
    }

    /// Walks on to the batch that begins at `position`.
    private static @Nullable BatchHeader batchAt(BatchCursor batches, int position) throws IOException {
        while (batches.size() == 0 || batches.position() < position) if (!batches.next()) return null;
        return batches.position() == position ? batches.header() : null;
    }

    /// Walks on to the batch that holds `offset`.
    private static @Nullable BatchHeader batchOf(BatchCursor batches, long offset) throws IOException {
        while (batches.size() == 0 || batches.header().lastOffset() < offset) if (!batches.next()) return null;
        return batches.header().baseOffset() <= offset ? batches.header() : null;
    }
}
