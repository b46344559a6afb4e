package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/// Pooled direct memory with one or more frames in it, held by whoever fills it and by every exchange whose frame lies
/// in it. The last holder who lets go gives it back, from any thread.
///
/// Life cycle: made and filled on a connection's loop; [#count] at the latest when it outlives the turn.
final class FrameMemory {
    private static final AtomicIntegerFieldUpdater<FrameMemory> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(FrameMemory.class, "holders");

    private final ByteBuf buffer;
    private final MemoryBudget budget;
    private volatile int holders = 1;
    private @Nullable ByteBuffer whole;
    private MemoryBudget.@Nullable Waiter privileged;
    private int countedBytes;

    private FrameMemory(ByteBuf buffer, MemoryBudget budget) {
        this.buffer = buffer;
        this.budget = budget;
    }

    static FrameMemory allocate(ByteBufAllocator allocator, int bytes, MemoryBudget budget) {
        return new FrameMemory(allocator.directBuffer(bytes, bytes), budget);
    }

    ByteBuf buffer() {
        return buffer;
    }

    /// Whether `other` is this memory's buffer, and not one with the same content.
    @SuppressWarnings("ReferenceEquality")
    boolean isIn(ByteBuf other) {
        return buffer == other;
    }

    /// A view of `size` bytes from `from`, for one exchange.
    ByteBuffer view(int from, int size) {
        ByteBuffer all = whole;
        if (all == null) {
            all = buffer.nioBuffer(0, buffer.capacity());
            whole = all;
        }
        return all.slice(from, size);
    }

    /// Charges the budget for the whole memory until it is given back.
    FrameMemory count() {
        if (countedBytes == 0) {
            countedBytes = buffer.capacity();
            budget.take(countedBytes);
        }
        return this;
    }

    /// The budget has been charged for it already.
    FrameMemory counted() {
        countedBytes = buffer.capacity();
        return this;
    }

    /// Giving this memory back ends the privilege of `who`.
    void settles(MemoryBudget.Waiter who) {
        privileged = who;
    }

    /// Lets go of memory whose content, and privilege, has moved on.
    void moved() {
        privileged = null;
        release();
    }

    /// Whether somebody holds it beside the one who fills it.
    boolean isShared() {
        return holders > 1;
    }

    void retain() {
        HOLDERS.incrementAndGet(this);
    }

    void release() {
        if (HOLDERS.decrementAndGet(this) > 0) return;
        int counted = countedBytes;
        MemoryBudget.Waiter who = privileged;
        buffer.release();
        if (counted > 0) budget.giveBack(counted);
        if (who != null) budget.settle(who);
    }
}
