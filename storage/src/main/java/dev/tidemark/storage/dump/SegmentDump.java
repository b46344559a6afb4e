package dev.tidemark.storage.dump;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.OpenFiles;
import dev.tidemark.storage.segment.PartitionFolder;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A row for each batch of a log file, and one for each of its records.
final class SegmentDump {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final long UNPACKED_BYTES_MAX = 1L << 30;

    private final Disk disk;
    private final LogDump.Options options;
    private final Consumer<DumpRow> target;

    SegmentDump(Disk disk, LogDump.Options options, Consumer<DumpRow> target) {
        this.disk = disk;
        this.options = options;
        this.target = target;
    }

    /// Opens the batches of a log file.
    static BatchCursor batches(Disk disk, Path file, int bufferBytes) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        long base = baseOffset(file);
        SegmentFile log = new SegmentFile(new PartitionFolder(new OpenFiles(disk, 4), folder), base, FileNames.LOG);
        return new BatchCursor(log, 0, Math.toIntExact(disk.sizeBytes(file)), ByteBuffer.allocate(bufferBytes));
    }

    static long baseOffset(Path file) throws IOException {
        return FileNames.offset(file.getFileName().toString())
                .orElseThrow(() -> new IOException(file + " does not begin with an offset of 20 digits"));
    }

    void dump(Path file) throws IOException {
        long next = baseOffset(file);
        BatchCursor cursor = batches(disk, file, BUFFER_BYTES);
        while (cursor.next()) {
            BatchHeader batch = cursor.whole();
            boolean isValid = batch.isCrcValid();
            target.accept(row(batch, cursor.position(), isValid));
            if (!isValid) problem(cursor.position(), "the checksum is wrong");
            if (batch.baseOffset() < next) {
                problem(cursor.position(), "offset " + batch.baseOffset() + " where at least " + next + " should be");
            }
            next = batch.nextOffset();
            if (isValid) dumpRecords(batch, cursor.position());
        }
        if (cursor.problem() != null) problem(cursor.position(), cursor.problem());
    }

    private void problem(int position, String text) {
        target.accept(LogDump.problem("position " + position + ": " + text));
    }

    private static DumpRow row(BatchHeader batch, int position, boolean isValid) {
        CompressionType compression = CompressionType.forId(batch.compressionId());
        DumpRow row = new DumpRow("batch")
                .with("baseOffset", batch.baseOffset())
                .with("lastOffset", batch.lastOffset())
                .with("count", batch.recordCount())
                .with("position", position)
                .with("size", batch.sizeInBytes())
                .with("leaderEpoch", batch.leaderEpoch())
                .with("compression", compression == null ? "unknown" : compression.configName())
                .with("timestampType", batch.isLogAppendTime() ? "LogAppendTime" : "CreateTime")
                .with("maxTimestamp", batch.maxTimestamp())
                .with("producerId", batch.producerId())
                .with("producerEpoch", batch.producerEpoch())
                .with("baseSequence", batch.baseSequence())
                .with("lastSequence", batch.lastSequence())
                .with("isTransactional", batch.isTransactional())
                .with("isControl", batch.isControl());
        if (batch.hasDeleteHorizon()) row.with("deleteHorizonMs", batch.baseTimestamp());
        return row.with("magic", batch.magic())
                .with("crc", Integer.toUnsignedLong(batch.crc()))
                .with("isValid", isValid);
    }

    private void dumpRecords(BatchHeader batch, int position) {
        try (RecordReader reader = new RecordReader(batch, UNPACKED_BYTES_MAX)) {
            while (reader.hasNext()) {
                Record record = reader.next();
                if (options.records()) target.accept(batch.isControl() ? control(record) : row(record));
            }
        } catch (MalformedException malformed) {
            problem(position, String.valueOf(malformed.getMessage()));
        }
    }

    private DumpRow row(Record record) {
        DumpRow row = new DumpRow("record")
                .with("offset", record.offset())
                .with("timestamp", record.timestamp())
                .with("keySize", size(record.key()))
                .with("valueSize", size(record.value()));
        if (!record.headers().isEmpty()) {
            List<String> headers = new ArrayList<>();
            for (Record.Header header : record.headers()) {
                headers.add(header.key() + "=" + (header.value() == null ? "" : shown(header.value())));
            }
            row.with("headers", headers);
        }
        if (record.key() != null) row.with("key", shown(record.key()));
        if (record.value() != null) row.with("value", shown(record.value()));
        return row;
    }

    private static DumpRow control(Record record) {
        Bytes key = record.key();
        ControlRecordType type = key == null ? null : ControlRecordType.ofKey(key.asByteBuffer());
        DumpRow row = new DumpRow("record")
                .with("offset", record.offset())
                .with("timestamp", record.timestamp())
                .with("control", type == null ? "unknown" : type.toString());
        Bytes value = record.value();
        boolean isMarker = type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT;
        if (isMarker && value != null && value.size() >= 6) {
            row.with("coordinatorEpoch", value.asByteBuffer().getInt(2));
        }
        return row;
    }

    private static int size(@Nullable Bytes bytes) {
        return bytes == null ? -1 : bytes.size();
    }

    /// Text where it is UTF-8, else hexadecimal digits.
    private String shown(Bytes bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.asByteBuffer())
                    .toString();
        } catch (CharacterCodingException binary) {
            text = "0x" + HexFormat.of().formatHex(bytes.toByteArray());
        }
        return text.length() <= options.textMax() ? text : text.substring(0, options.textMax()) + "…";
    }
}
