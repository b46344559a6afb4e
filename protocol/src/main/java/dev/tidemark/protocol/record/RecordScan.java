package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.io.InputStream;

/// Steps over the records of a compressed batch and forgets their keys and values as they come, so that a batch that
/// unpacks to much takes time but no memory. Checks the same structure as [RecordCursor]. Owner: one thread.
final class RecordScan implements RecordWalk {
    private static final int WINDOW_BYTES = 8 * 1024;
    private static final int VARINT_BYTES_MAX = 5;

    private final BatchHeader batch;
    private final CompressionType type;
    private final int count;
    private final long bytesMax;
    private final InputStream source;
    private final byte[] window = new byte[WINDOW_BYTES];
    private int at;
    private int limit;
    private long bytesRead;

    private int index = -1;
    /// How much of the current record has not been read.
    private int left;
    private long timestampDelta;
    private int offsetDelta;
    private int keySize;

    RecordScan(BatchHeader batch, long bytesMax) {
        this.batch = batch;
        this.type = batch.compression();
        this.count = batch.recordCount();
        this.bytesMax = bytesMax;
        if (count < 0) throw new MalformedException("a batch of " + count + " records");
        this.source = type.open(batch.payload());
    }

    @Override
    public boolean next() {
        if (index + 1 >= count) {
            if (at < limit || refill())
                throw new MalformedException("bytes are left behind the " + count + " records of the header");
            return false;
        }
        left = VARINT_BYTES_MAX;
        left = recordLength(varint());
        parse();
        if (left != 0) throw new MalformedException(left + " bytes are left in a record");
        index++;
        return true;
    }

    private static int recordLength(int length) {
        if (length < 0) throw new MalformedException("a record of " + length + " bytes");
        return length;
    }

    private void parse() {
        byteInRecord();
        timestampDelta = varlong();
        offsetDelta = varint();
        keySize = varint();
        skip(keySize, "key");
        skip(varint(), "value");
        int headerCount = varint();
        // A header takes two bytes at least.
        if (headerCount < 0 || headerCount > left / 2)
            throw new MalformedException("a record with " + headerCount + " headers");
        for (int i = 0; i < headerCount; i++) {
            int nameSize = varint();
            if (nameSize < 0) throw new MalformedException("a header without a key");
            skip(nameSize, "header's key");
            skip(varint(), "header's value");
        }
    }

    /// `size` -1 stands for null.
    private void skip(int size, String what) {
        if (size < -1 || size > left) throw new MalformedException("a " + what + " of " + size + " bytes");
        if (size <= 0) return;
        left -= size;
        int toSkip = size;
        while (toSkip > limit - at) {
            toSkip -= limit - at;
            if (!refill()) throw endsEarly();
        }
        at += toSkip;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int offsetDelta() {
        return offsetDelta;
    }

    @Override
    public long timestamp() {
        return batch.isLogAppendTime() ? batch.maxTimestamp() : batch.baseTimestamp() + timestampDelta;
    }

    @Override
    public int keySize() {
        return keySize;
    }

    @Override
    public void close() {
        type.close(source);
    }

    private byte byteInRecord() {
        if (left == 0) throw endsEarly();
        left--;
        if (at == limit && !refill()) throw endsEarly();
        return window[at++];
    }

    private static MalformedException endsEarly() {
        return new MalformedException("a record ends early");
    }

    private int varint() {
        byte next = byteInRecord();
        int raw = next & 0x7F;
        for (int shift = 7; next < 0; shift += 7) {
            next = byteInRecord();
            if (shift == 28 && (next & 0xF0) != 0) throw new MalformedException("a varint of more than 32 bits");
            raw |= (next & 0x7F) << shift;
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

    /// Whether there was more.
    private boolean refill() {
        int read = type.read(source, window, 0, window.length);
        at = 0;
        limit = Math.max(0, read);
        bytesRead += limit;
        if (bytesRead > bytesMax) throw CompressionType.tooLarge(bytesMax);
        return read > 0;
    }
}
