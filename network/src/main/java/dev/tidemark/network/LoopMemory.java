package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/// The memory of one loop: its part of the buffer pool, and the buffer that all of the loop's connections read small
/// frames into. As long as the frames of one read are done with before the next read, it is always the same buffer,
/// warm in the processor's cache; idle connections have none.
///
/// Owner: the loop. [#close] runs on it too.
final class LoopMemory {
    static final int SCRATCH_BYTES = 64 << 10;
    private static final int PAGE_BYTES = 8 << 10;
    private static final int CHUNK_PAGES_LOG2 = 8;
    private static final int SMALL_CACHED_MAX = 64;
    private static final int NORMAL_CACHED_MAX = 8;

    private final MemoryBudget budget;
    /// One arena with chunks of 2 MiB; only the loop's own thread caches.
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(
            true, 0, 1, PAGE_BYTES, CHUNK_PAGES_LOG2, SMALL_CACHED_MAX, NORMAL_CACHED_MAX, false);

    private final ByteBuf sizePrefix = allocator.directBuffer(Integer.BYTES, Integer.BYTES);
    private FrameMemory scratch;

    LoopMemory(MemoryBudget budget) {
        this.budget = budget;
        this.scratch = allocate(SCRATCH_BYTES);
    }

    PooledByteBufAllocator allocator() {
        return allocator;
    }

    FrameMemory allocate(int bytes) {
        return FrameMemory.allocate(allocator, bytes, budget);
    }

    /// The shared buffer, empty. What frames hold of the one before is theirs from now on.
    FrameMemory emptyScratch() {
        if (scratch.isShared()) {
            scratch.count().release();
            scratch = allocate(SCRATCH_BYTES);
        }
        scratch.buffer().clear();
        return scratch;
    }

    FrameMemory scratch() {
        return scratch;
    }

    /// A buffer of four bytes for nothing but the size of a frame.
    ByteBuf sizePrefix() {
        return sizePrefix.clear();
    }

    void close() {
        scratch.release();
        sizePrefix.release();
    }
}
