package dev.tidemark.storage.dump;

import dev.tidemark.base.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// A row for each producer of a snapshot: version (2 bytes), CRC-32C of all behind it (4), count (4), then 46 bytes
/// each.
final class SnapshotDump {
    private static final int CRC_AT = 2;
    private static final int COUNT_AT = 6;
    private static final int ENTRIES_AT = 10;
    private static final int ENTRY_BYTES = 46;

    private final Disk disk;
    private final Consumer<DumpRow> target;

    SnapshotDump(Disk disk, Consumer<DumpRow> target) {
        this.disk = disk;
        this.target = target;
    }

    void dump(Path file) throws IOException {
        byte[] bytes = disk.readAll(file);
        if (bytes.length < ENTRIES_AT) throw new IOException("the file ends inside of its header");
        ByteBuffer content = ByteBuffer.wrap(bytes);
        short version = content.getShort(0);
        if (version != 1) throw new IOException("version " + version + " instead of 1");
        CRC32C crc = new CRC32C();
        crc.update(bytes, COUNT_AT, bytes.length - COUNT_AT);
        if ((int) crc.getValue() != content.getInt(CRC_AT)) target.accept(LogDump.problem("the checksum is wrong"));
        int count = content.getInt(COUNT_AT);
        if (count < 0 || bytes.length != ENTRIES_AT + (long) count * ENTRY_BYTES) {
            throw new IOException("its " + bytes.length + " bytes do not hold the " + count + " entries announced");
        }
        content.position(ENTRIES_AT);
        for (int i = 0; i < count; i++) target.accept(producer(content));
    }

    private static DumpRow producer(ByteBuffer content) {
        return new DumpRow("producer")
                .with("producerId", content.getLong())
                .with("producerEpoch", content.getShort())
                .with("lastSequence", content.getInt())
                .with("lastOffset", content.getLong())
                .with("offsetDelta", content.getInt())
                .with("lastTimestamp", content.getLong())
                .with("coordinatorEpoch", content.getInt())
                .with("currentTxnFirstOffset", content.getLong());
    }
}
