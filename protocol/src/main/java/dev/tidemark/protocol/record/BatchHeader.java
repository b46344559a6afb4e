package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The header of a record batch (magic 2) where it lies: at `position` of a big-endian buffer, read and written in
/// place. The buffer's own position and limit are not used, but that the limit bounds what may be touched.
///
/// The base offset, length and leader epoch stand before the checksum and can be stamped without computing it anew;
/// whoever changes anything else calls [#writeCrc] at last.
public record BatchHeader(ByteBuffer buffer, int position) {
    /// The header's size: where the first record begins.
    public static final int BYTES = 61;

    /// Base offset and length: what the length field does not count.
    public static final int PREFIX_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int RECORD_COUNT_AT = 57;

    static final int COMPRESSION_MASK = 0x07;
    static final int LOG_APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;
    static final int KNOWN_ATTRIBUTES = 0x7F;

    /// The batch that begins at the buffer's position; its size must have been checked, as by [#sizeAt].
    public static BatchHeader of(ByteBuffer buffer) {
        return new BatchHeader(buffer, buffer.position());
    }

    /// The size of the batch at `position`, of which [#PREFIX_BYTES] must be there; -1 if the length field is too small
    /// for any batch or overflows.
    public static int sizeAt(ByteBuffer buffer, int position) {
        int length = buffer.getInt(position + LENGTH_AT);
        return length < BYTES - PREFIX_BYTES || length > Integer.MAX_VALUE - PREFIX_BYTES ? -1 : length + PREFIX_BYTES;
    }

    public long baseOffset() {
        return buffer.getLong(position);
    }

    /// The whole batch's size, by its length field.
    public int sizeInBytes() {
        return buffer.getInt(position + LENGTH_AT) + PREFIX_BYTES;
    }

    public int leaderEpoch() {
        return buffer.getInt(position + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.get(position + MAGIC_AT);
    }

    public int crc() {
        return buffer.getInt(position + CRC_AT);
    }

    public short attributes() {
        return buffer.getShort(position + ATTRIBUTES_AT);
    }

    /// The number in the attributes, which need not be a known one.
    public int compressionId() {
        return attributes() & COMPRESSION_MASK;
    }

    /// @throws MalformedException if the attributes hold none that is known
    public CompressionType compression() {
        CompressionType type = CompressionType.forId(compressionId());
        if (type == null) throw new MalformedException("unknown compression " + compressionId());
        return type;
    }

    /// Whether the broker set the time of all records ([#maxTimestamp]) when it appended them.
    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME_BIT) != 0;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /// Whether [#baseTimestamp] is the time from which tombstones and markers in it may be dropped (KIP-534).
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON_BIT) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(position + LAST_OFFSET_DELTA_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    public long baseTimestamp() {
        return buffer.getLong(position + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(position + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(position + PRODUCER_ID_AT);
    }

    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(position + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(position + BASE_SEQUENCE_AT);
    }

    /// -1 where there is no sequence; wraps from 2^31-1 to 0.
    public int lastSequence() {
        int base = baseSequence();
        return base == NO_SEQUENCE ? NO_SEQUENCE : (base + lastOffsetDelta()) & Integer.MAX_VALUE;
    }

    public int recordCount() {
        return buffer.getInt(position + RECORD_COUNT_AT);
    }

    /// The batch's bytes, shared.
    public ByteBuffer bytes() {
        return buffer.slice(position, sizeInBytes());
    }

    /// The records' bytes, shared: compressed where the batch is.
    public ByteBuffer payload() {
        return buffer.slice(position + BYTES, sizeInBytes() - BYTES);
    }

    /// Over everything behind the checksum; the whole batch must be there.
    public int computeCrc() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(position + ATTRIBUTES_AT, sizeInBytes() - ATTRIBUTES_AT));
        return (int) crc.getValue();
    }

    public boolean isCrcValid() {
        return crc() == computeCrc();
    }

    /// Sets the checksum to what the bytes are now.
    public void writeCrc() {
        buffer.putInt(position + CRC_AT, computeCrc());
    }

    /// Not under the checksum.
    public void setBaseOffset(long offset) {
        buffer.putLong(position, offset);
    }

    /// Not under the checksum.
    public void setLeaderEpoch(int leaderEpoch) {
        buffer.putInt(position + LEADER_EPOCH_AT, leaderEpoch);
    }

    /// Changes the attributes too; call [#writeCrc] afterwards.
    public void setLogAppendTime(long wallMs) {
        setAttributes(attributes() | LOG_APPEND_TIME_BIT);
        setMaxTimestamp(wallMs);
    }

    /// Call [#writeCrc] afterwards.
    public void setMaxTimestamp(long timestamp) {
        buffer.putLong(position + MAX_TIMESTAMP_AT, timestamp);
    }

    /// Call [#writeCrc] afterwards.
    public void setProducer(long producerId, short producerEpoch, int baseSequence) {
        buffer.putLong(position + PRODUCER_ID_AT, producerId);
        buffer.putShort(position + PRODUCER_EPOCH_AT, producerEpoch);
        buffer.putInt(position + BASE_SEQUENCE_AT, baseSequence);
    }

    /// Call [#writeCrc] afterwards.
    void setAttributes(int attributes) {
        buffer.putShort(position + ATTRIBUTES_AT, (short) attributes);
    }

    @Override
    public String toString() {
        return "Batch[offsets " + baseOffset() + " to " + lastOffset() + ", " + recordCount() + " records, "
                + sizeInBytes() + " bytes, epoch " + leaderEpoch() + ", attributes 0x"
                + Integer.toHexString(attributes()) + ", producer " + producerId() + "/" + producerEpoch() + "/"
                + baseSequence() + "]";
    }
}
