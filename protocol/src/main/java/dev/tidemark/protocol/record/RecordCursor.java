package dev.tidemark.protocol.record;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.codec.MalformedException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Steps over the records of a batch and shows the current one without making objects of it. Checks all structure:
/// sizes against the record, the record's size against what is there, the count against the header's. Uncompressed
/// records are read where they lie; compressed ones stream through a window, whose size is that of the largest
/// record. Owner: one thread; close it where the batch may be compressed.
///
/// All reading methods throw [MalformedException] at bytes that are not a batch's.
public final class RecordCursor implements RecordWalk {
    private static final int WINDOW_BYTES = 8 * 1024;
    private static final int VARINT_BYTES_MAX = 5;
    /// Attributes, two deltas, two sizes and the count of headers, a byte each.
    private static final int RECORD_BYTES_MIN = 6;

    private final BatchHeader batch;
    private final int count;
    private final @Nullable InputStream source;
    private final long bytesMax;
    private long bytesRead;

    private ByteBuffer window;
    /// The next byte to read, and the end of what the window holds.
    private int at;
    private int limit;

    private int index = -1;
    private int recordAt;
    private int recordEnd;
    private byte attributes;
    private long timestampDelta;
    private int offsetDelta;
    private int bodyAt;
    private int keySize;
    private int keyAt;
    private int valueSize;
    private int valueAt;
    private int headerCount;
    private int headersAt;

    /// @param bytesMax how many bytes the records may unpack to
    public RecordCursor(BatchHeader batch, long bytesMax) {
        this.batch = batch;
        this.count = batch.recordCount();
        this.bytesMax = bytesMax;
        if (count < 0) throw new MalformedException("a batch of " + count + " records");
        if (batch.compressionId() == 0) {
            source = null;
            window = batch.buffer();
            at = batch.position() + BatchHeader.BYTES;
            limit = batch.position() + batch.sizeInBytes();
        } else {
            source = batch.compression().open(batch.payload());
            window = ByteBuffer.allocate(WINDOW_BYTES);
        }
    }

    /// Goes to the next record. After the last it checks that nothing is left, and returns false.
    @Override
    public boolean next() {
        if (index + 1 >= count) {
            if (available(1) > 0)
                throw new MalformedException("bytes are left behind the " + count + " records of the header");
            return false;
        }
        int length = recordLength();
        recordEnd = at + length;
        parse();
        index++;
        return true;
    }

    /// Has the whole record in the window.
    private int recordLength() {
        recordEnd = at + available(VARINT_BYTES_MAX);
        recordAt = at;
        int length = varint();
        if (length < RECORD_BYTES_MIN || length > Integer.MAX_VALUE - 2 * VARINT_BYTES_MAX)
            throw new MalformedException("a record of " + length + " bytes");
        int whole = at - recordAt + length;
        at = recordAt;
        if (available(whole) < whole) throw endsEarly();
        recordAt = at;
        at += whole - length;
        return length;
    }

    private void parse() {
        attributes = window.get(at++);
        timestampDelta = varlong();
        offsetDelta = varint();
        bodyAt = at;
        keySize = varint();
        keyAt = skip(keySize, "key");
        valueSize = varint();
        valueAt = skip(valueSize, "value");
        headerCount = varint();
        headersAt = at;
        if (headerCount != 0) skipHeaders();
        if (at != recordEnd) throw new MalformedException((recordEnd - at) + " bytes are left in a record");
    }

    private void skipHeaders() {
        // A header takes two bytes at least.
        if (headerCount < 0 || headerCount > (recordEnd - at) / 2)
            throw new MalformedException("a record with " + headerCount + " headers");
        for (int i = 0; i < headerCount; i++) {
            int nameSize = varint();
            if (nameSize < 0) throw new MalformedException("a header without a key");
            skip(nameSize, "header's key");
            skip(varint(), "header's value");
        }
    }

    /// Where it begins; `size` -1 stands for null.
    private int skip(int size, String what) {
        int from = at;
        if (size < -1 || size > recordEnd - at) throw new MalformedException("a " + what + " of " + size + " bytes");
        if (size > 0) at += size;
        return from;
    }

    /// Which one of the batch's records, from 0.
    @Override
    public int index() {
        return index;
    }

    @Override
    public int offsetDelta() {
        return offsetDelta;
    }

    public long offset() {
        return batch.baseOffset() + offsetDelta;
    }

    /// The broker's time of the append where the batch has that.
    @Override
    public long timestamp() {
        if (batch.isLogAppendTime()) return batch.maxTimestamp();
        return batch.baseTimestamp() + timestampDelta;
    }

    /// None is defined.
    public byte attributes() {
        return attributes;
    }

    /// -1 for a null key.
    @Override
    public int keySize() {
        return keySize;
    }

    /// -1 for a null value.
    public int valueSize() {
        return valueSize;
    }

    public int headerCount() {
        return headerCount;
    }

    /// Shared, valid until [#next]; null for a null key.
    public @Nullable ByteBuffer key() {
        return keySize < 0 ? null : window.slice(keyAt, keySize);
    }

    /// Shared, valid until [#next]; null for a null value.
    public @Nullable ByteBuffer value() {
        return valueSize < 0 ? null : window.slice(valueAt, valueSize);
    }

    /// The record as it is encoded, its length in front; shared, valid until [#next].
    public ByteBuffer bytes() {
        return window.slice(recordAt, recordEnd - recordAt);
    }

    /// Key, value and headers as they are encoded; shared, valid until [#next].
    ByteBuffer fromKeyOn() {
        return window.slice(bodyAt, recordEnd - bodyAt);
    }

    /// A copy that lasts.
    public Record toRecord() {
        return new Record(offset(), timestamp(), copy(keyAt, keySize), copy(valueAt, valueSize), headers());
    }

    private List<Record.Header> headers() {
        if (headerCount == 0) return List.of();
        List<Record.Header> headers = new ArrayList<>(headerCount);
        at = headersAt;
        for (int i = 0; i < headerCount; i++) {
            int nameSize = varint();
            byte[] name = new byte[nameSize];
            window.get(at, name);
            at += nameSize;
            int size = varint();
            headers.add(new Record.Header(new String(name, StandardCharsets.UTF_8), copy(at, size)));
            at += Math.max(0, size);
        }
        return List.copyOf(headers);
    }

    private @Nullable Bytes copy(int from, int size) {
        if (size < 0) return null;
        byte[] copy = new byte[size];
        window.get(from, copy);
        return Bytes.wrap(copy);
    }

    @Override
    public void close() {
        if (source != null) batch.compression().close(source);
    }

    private byte byteInRecord() {
        if (at >= recordEnd) throw endsEarly();
        return window.get(at++);
    }

    private static MalformedException endsEarly() {
        return new MalformedException("a record ends early");
    }

    private int varint() {
        byte first = byteInRecord();
        int raw = first & 0x7F;
        for (int shift = 7; first < 0; shift += 7) {
            first = byteInRecord();
            if (shift == 28 && (first & 0xF0) != 0) throw new MalformedException("a varint of more than 32 bits");
            raw |= (first & 0x7F) << shift;
        }
        return (raw >>> 1) ^ -(raw & 1);
    }

    private long varlong() {
        byte next = byteInRecord();
        long raw = next & 0x7F;
        for (int shift = 7; next < 0; shift += 7) {
            next = byteInRecord();
            if (shift == 63 && (next & 0xFE) != 0) throw new MalformedException("a varint of more than 64 bits");
            raw |= (next & 0x7FL) << shift;
        }
        return (raw >>> 1) ^ -(raw & 1);
    }

    /// Tries to have `bytes` in the window from [#at] on; returns how many there are, which is fewer only at the end.
    private int available(int bytes) {
        if (limit - at >= bytes || source == null) return limit - at;
        moveToBegin();
        refill(bytes, source);
        return limit - at;
    }

    private void moveToBegin() {
        byte[] array = window.array();
        System.arraycopy(array, at, array, 0, limit - at);
        limit -= at;
        at = 0;
    }

    /// The window grows only as bytes come, whatever a record says of its size.
    private void refill(int bytes, InputStream from) {
        CompressionType type = batch.compression();
        while (limit < bytes) {
            if (limit == window.capacity()) {
                // One more than the bound, to see that it is passed.
                long most = Math.min(Integer.MAX_VALUE - 8L, bytesMax + 1);
                if (limit >= most) throw CompressionType.tooLarge(bytesMax);
                int larger = (int) Math.min(most, 2L * window.capacity());
                window = ByteBuffer.wrap(Arrays.copyOf(window.array(), larger));
            }
            int read = type.read(from, window.array(), limit, window.capacity() - limit);
            if (read < 0) return;
            bytesRead += read;
            if (bytesRead > bytesMax) throw CompressionType.tooLarge(bytesMax);
            limit += read;
        }
    }
}
