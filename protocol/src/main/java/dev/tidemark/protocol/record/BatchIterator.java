package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// Walks the batches that lie whole between a buffer's position and limit. A batch that is cut off at the end is left
/// out, as fetch answers may end in one; [#position] tells where that is.
public final class BatchIterator implements Iterator<BatchHeader> {
    private final ByteBuffer buffer;
    private int position;

    public BatchIterator(ByteBuffer buffer) {
        this.buffer = buffer;
        this.position = buffer.position();
    }

    /// Where the next batch begins, or what is left of one.
    public int position() {
        return position;
    }

    /// @throws MalformedException if a length field is too small for any batch
    @Override
    public boolean hasNext() {
        int left = buffer.limit() - position;
        if (left < BatchHeader.PREFIX_BYTES) return false;
        int size = BatchHeader.sizeAt(buffer, position);
        if (size < 0)
            throw new MalformedException(
                    "batch length " + buffer.getInt(position + BatchHeader.LENGTH_AT) + " is not that of a batch");
        return size <= left;
    }

    @Override
    public BatchHeader next() {
        if (!hasNext()) throw new NoSuchElementException();
        BatchHeader batch = new BatchHeader(buffer, position);
        position += batch.sizeInBytes();
        return batch;
    }
}
