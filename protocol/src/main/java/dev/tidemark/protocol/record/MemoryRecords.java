package dev.tidemark.protocol.record;

import java.nio.ByteBuffer;

/// Record batches in memory: what lies between the buffer's position and limit. Read it by absolute index or through
/// a duplicate: its position must stay. Where it was cut from a frame it is valid as long as the frame.
public record MemoryRecords(ByteBuffer buffer) implements RecordBytes {
    public static final MemoryRecords EMPTY = new MemoryRecords(ByteBuffer.allocate(0));

    @Override
    public int sizeInBytes() {
        return buffer.remaining();
    }

    /// The whole batches, in place.
    public Iterable<BatchHeader> batches() {
        return () -> new BatchIterator(buffer);
    }
}
