package dev.tidemark.protocol.record;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Check;
import dev.tidemark.protocol.codec.Writer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds one record batch. Records are collected as they will be encoded and compressed at the end, by [#build].
/// Owner: one thread; used once.
public final class RecordBatchBuilder {
    private final Writer records = new Writer();
    private final Writer one = new Writer();
    private final Compression compression;

    private long baseOffset;
    private int leaderEpoch = -1;
    private int attributes;
    private long producerId = BatchHeader.NO_PRODUCER_ID;
    private short producerEpoch = BatchHeader.NO_PRODUCER_EPOCH;
    private int baseSequence = BatchHeader.NO_SEQUENCE;
    private long logAppendTimeMs;
    private long deleteHorizonMs;

    private int count;
    private long firstTimestamp;
    private long maxTimestamp = BatchHeader.NO_TIMESTAMP;
    private int lastOffsetDelta = -1;

    public RecordBatchBuilder(Compression compression) {
        this.compression = compression;
    }

    /// Before the first record.
    public RecordBatchBuilder baseOffset(long offset) {
        Check.that(count == 0, "records were added");
        baseOffset = offset;
        return this;
    }

    public RecordBatchBuilder leaderEpoch(int epoch) {
        leaderEpoch = epoch;
        return this;
    }

    public RecordBatchBuilder producer(long id, int epoch, int sequence) {
        producerId = id;
        producerEpoch = (short) epoch;
        baseSequence = sequence;
        return this;
    }

    public RecordBatchBuilder transactional() {
        attributes |= BatchHeader.TRANSACTIONAL_BIT;
        return this;
    }

    public RecordBatchBuilder control() {
        attributes |= BatchHeader.CONTROL_BIT;
        return this;
    }

    /// All records get this time in place of their own.
    public RecordBatchBuilder logAppendTime(long wallMs) {
        attributes |= BatchHeader.LOG_APPEND_TIME_BIT;
        logAppendTimeMs = wallMs;
        return this;
    }

    /// The time from which the batch's tombstones and markers may be dropped; takes the place of the base timestamp.
    /// Before the first record.
    public RecordBatchBuilder deleteHorizon(long wallMs) {
        Check.that(count == 0, "records were added");
        attributes |= BatchHeader.DELETE_HORIZON_BIT;
        deleteHorizonMs = wallMs;
        return this;
    }

    /// Adds a record with the next offset.
    public RecordBatchBuilder add(long timestamp, @Nullable Bytes key, @Nullable Bytes value) {
        return add(timestamp, key, value, List.of());
    }

    /// Adds a record with the next offset.
    public RecordBatchBuilder add(
            long timestamp, @Nullable Bytes key, @Nullable Bytes value, List<Record.Header> headers) {
        return add(baseOffset + lastOffsetDelta + 1, timestamp, key, value, headers);
    }

    /// Adds a record at `offset`, which must be greater than the last one's.
    public RecordBatchBuilder add(
            long offset, long timestamp, @Nullable Bytes key, @Nullable Bytes value, List<Record.Header> headers) {
        begin(offset, timestamp, 0);
        bytes(key);
        bytes(value);
        one.writeVarint(headers.size());
        for (Record.Header header : headers) {
            byte[] name = header.key().getBytes(StandardCharsets.UTF_8);
            one.writeVarint(name.length);
            one.writeRaw(name);
            bytes(header.value());
        }
        end(offset, timestamp);
        return this;
    }

    /// Adds a record as the cursor shows it, with its offset and headers.
    public RecordBatchBuilder add(RecordCursor cursor) {
        begin(cursor.offset(), cursor.timestamp(), cursor.attributes());
        one.writeRaw(cursor.fromKeyOn());
        end(cursor.offset(), cursor.timestamp());
        return this;
    }

    /// Adds the marker that ends a transaction, in a batch of its own; see KIP-98.
    public RecordBatchBuilder addEndTransactionMarker(long timestamp, boolean commit, int coordinatorEpoch) {
        transactional().control();
        ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        byte[] value = ByteBuffer.allocate(6)
                .putShort((short) 0)
                .putInt(coordinatorEpoch)
                .array();
        return add(timestamp, Bytes.wrap(type.key()), Bytes.wrap(value));
    }

    private void begin(long offset, long timestamp, int recordAttributes) {
        Check.that(offset - baseOffset > lastOffsetDelta, "offset %d does not rise", offset);
        Check.that(offset - baseOffset <= Integer.MAX_VALUE, "offset %d is too far from %d", offset, baseOffset);
        if (count == 0) firstTimestamp = hasDeleteHorizon() ? deleteHorizonMs : timestamp;
        one.clear();
        one.writeByte((byte) recordAttributes);
        one.writeVarlong(timestamp - firstTimestamp);
        one.writeVarint((int) (offset - baseOffset));
    }

    private void end(long offset, long timestamp) {
        ByteBuffer encoded = one.toBuffer();
        records.writeVarint(encoded.remaining());
        records.writeRaw(encoded);
        lastOffsetDelta = (int) (offset - baseOffset);
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        count++;
    }

    private boolean hasDeleteHorizon() {
        return (attributes & BatchHeader.DELETE_HORIZON_BIT) != 0;
    }

    private void bytes(@Nullable Bytes value) {
        if (value == null) {
            one.writeVarint(-1);
            return;
        }
        one.writeVarint(value.size());
        one.writeBytesRaw(value);
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public int recordCount() {
        return count;
    }

    /// What the batch takes without compression.
    public int uncompressedBytes() {
        return BatchHeader.BYTES + (int) records.sizeInBytes();
    }

    /// The last offset that the batch covers, where it is to be beyond its last record: compaction keeps a batch's
    /// range.
    public RecordBatchBuilder lastOffset(long offset) {
        Check.that(offset - baseOffset >= lastOffsetDelta, "offset %d is before the last record", offset);
        lastOffsetDelta = (int) (offset - baseOffset);
        return this;
    }

    /// The finished batch, on the heap, from position 0 to its limit.
    public ByteBuffer build() {
        ByteBuffer batch = withPayload(compression, records.toBuffer());
        if (count == 0) firstTimestamp = hasDeleteHorizon() ? deleteHorizonMs : BatchHeader.NO_TIMESTAMP;
        batch.putLong(0, baseOffset);
        batch.putInt(BatchHeader.LENGTH_AT, batch.limit() - BatchHeader.PREFIX_BYTES);
        batch.putInt(BatchHeader.LEADER_EPOCH_AT, leaderEpoch);
        batch.put(BatchHeader.MAGIC_AT, BatchHeader.MAGIC);
        batch.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, lastOffsetDelta);
        batch.putLong(BatchHeader.BASE_TIMESTAMP_AT, firstTimestamp);
        batch.putInt(BatchHeader.RECORD_COUNT_AT, count);
        BatchHeader header = new BatchHeader(batch, 0);
        header.setAttributes(attributes | compression.type().id());
        boolean appendTime = (attributes & BatchHeader.LOG_APPEND_TIME_BIT) != 0;
        header.setMaxTimestamp(appendTime ? logAppendTimeMs : maxTimestamp);
        header.setProducer(producerId, producerEpoch, baseSequence);
        header.writeCrc();
        return batch;
    }

    /// Room for the header, then the compressed payload.
    private static ByteBuffer withPayload(Compression compression, ByteBuffer payload) {
        if (compression.type() == CompressionType.NONE) {
            ByteBuffer batch = ByteBuffer.allocate(BatchHeader.BYTES + payload.remaining());
            return batch.put(BatchHeader.BYTES, payload, payload.position(), payload.remaining());
        }
        ByteArrayOutputStream target = new ByteArrayOutputStream(BatchHeader.BYTES + payload.remaining() / 2 + 64);
        target.writeBytes(new byte[BatchHeader.BYTES]);
        try (OutputStream compressor = compression.type().compressTo(target, compression.level())) {
            compressor.write(payload.array(), payload.arrayOffset() + payload.position(), payload.remaining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteBuffer.wrap(target.toByteArray());
    }
}
