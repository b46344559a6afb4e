package dev.tidemark.protocol.codec;

import java.nio.ByteBuffer;

/// Where a [Writer] gets its memory. A buffer belongs to who acquired it until it is released, once.
public interface BufferSource {
    /// Fresh memory on the heap; release does nothing.
    BufferSource HEAP = new BufferSource() {
        @Override
        public ByteBuffer acquire(int capacityMin) {
            return ByteBuffer.allocate(capacityMin);
        }

        @Override
        public void release(ByteBuffer buffer) {}
    };

    /// A big-endian buffer at position 0 whose limit is its capacity, which is at least `capacityMin`.
    ByteBuffer acquire(int capacityMin);

    void release(ByteBuffer buffer);
}
