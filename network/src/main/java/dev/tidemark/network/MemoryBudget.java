package dev.tidemark.network;

import io.netty.util.internal.PlatformDependent;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Counts the memory that outlives a turn of a loop: parts of frames, frames in process, replies that nobody reads.
/// Frames that are done with within the turn that read them are not counted, so that small requests cost nothing here
/// and are served while others have used the memory up.
///
/// Whoever needs more while none is left waits in line. One of those who wait is *privileged*: it may go on above the
/// bound until its frame has been given back. Without that, halves of frames could fill the memory and wait for each
/// other for ever. So the bound can be passed by one frame, plus what one read of each connection brings.
///
/// Owner: the server; every method may be called from any thread.
@SuppressWarnings("ReferenceEquality") // of waiters: it matters who, not what
final class MemoryBudget {
    private static final long BYTES_MIN = 16L << 20;
    private static final long BYTES_MAX = 1L << 30;
    /// What a reply that may be large is taken for, while it waits.
    private static final long REPLY_BYTES = 256 << 10;
    /// Somebody who waits for memory.
    interface Waiter {
        /// What it wants, while it waits.
        long wantedBytes();

        /// Called once for each [MemoryBudget#await], from any thread.
        void onMemory();
    }

    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();
    private volatile long peak;
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final Queue<Waiter> replyWaiters = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Waiter> privileged = new AtomicReference<>();

    MemoryBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// The budget for `queued.max.request.bytes`; a quarter of the direct memory where it is not set.
    static MemoryBudget of(long queuedRequestBytesMax) {
        if (queuedRequestBytesMax > 0) return new MemoryBudget(queuedRequestBytesMax);
        return new MemoryBudget(Math.clamp(PlatformDependent.maxDirectMemory() / 4, BYTES_MIN, BYTES_MAX));
    }

    long bytesMax() {
        return bytesMax;
    }

    long usedBytes() {
        return used.get();
    }

    boolean isUsedUp() {
        return used.get() >= bytesMax;
    }

    /// From here on it is worth to spare memory.
    boolean isHalfUsed() {
        return used.get() >= bytesMax / 2;
    }

    /// Whether somebody lacks memory.
    boolean isShort() {
        return !waiters.isEmpty() || !replyWaiters.isEmpty() || isUsedUp();
    }

    void take(long bytes) {
        long now = used.addAndGet(bytes);
        if (now > peak) peak = now; // near enough: it informs, and decides nothing
    }

    long usedBytesPeak() {
        return peak;
    }

    void giveBack(long bytes) {
        long left = bytesMax - used.addAndGet(-bytes);
        if (left <= 0) return;
        if (!waiters.isEmpty()) wake(left);
        if (!replyWaiters.isEmpty()) wakeForReplies(Math.max(1, left / REPLY_BYTES));
    }

    /// Takes `bytes` for `who` if there are so many, or if `who` is the privileged one, which it becomes if nobody is,
    /// and stays until [#settle].
    boolean tryTake(Waiter who, long bytes) {
        long before = used.get();
        while (before + bytes <= bytesMax) {
            if (used.compareAndSet(before, before + bytes)) return true;
            before = used.get();
        }
        if (!isPrivileged(who) && !privileged.compareAndSet(null, who)) return false;
        take(bytes);
        return true;
    }

    boolean isPrivileged(Waiter who) {
        return privileged.get() == who;
    }

    /// `who` has given back what it was privileged for.
    void settle(Waiter who) {
        if (privileged.get() == who && privileged.compareAndSet(who, null)) wakeFirst();
    }

    /// Puts `who` in line.
    void await(Waiter who) {
        waiters.add(who);
        // What was missing may have come back between the refusal and now, and nobody would tell.
        if (privileged.get() == null) wakeFirst();
        else wake(bytesMax - used.get());
    }

    /// Puts `who` in the line of those who have a reply to send that may be large.
    void awaitForReply(Waiter who) {
        replyWaiters.add(who);
        if (!isUsedUp()) wakeForReplies(1);
    }

    void wakeForReplies(long count) {
        for (long i = 0; i < count; i++) {
            Waiter waiter = replyWaiters.poll();
            if (waiter == null) return;
            waiter.onMemory();
        }
    }

    /// Wakes the one who has waited longest, to try its luck.
    void wakeFirst() {
        Waiter waiter = waiters.poll();
        if (waiter != null) waiter.onMemory();
    }

    /// Wakes those first in line for whom `bytes` suffice.
    private void wake(long bytes) {
        long left = bytes;
        Waiter first = waiters.peek();
        while (first != null && first.wantedBytes() <= left) {
            left -= first.wantedBytes();
            if (waiters.remove(first)) first.onMemory();
            first = waiters.peek();
        }
    }
}
