package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Cuts one connection's bytes into frames without copying them where it can.
///
/// Bytes land in the loop's shared buffer, where small frames are handed over in place. What a read leaves of a frame
/// moves to memory of the connection's own, and the rest of that frame is read straight into it, up to its last byte
/// and not further. On a connection that sends large frames only the four bytes of the size are read first, so that all
/// of the frame lands where it stays.
///
/// An announced size buys no memory: the first piece is small unless the connection has sent such frames before, and it
/// grows as bytes come. When the connection may not take another frame, what was read already waits in the *stash*.
///
/// Owner: the connection's loop. Life cycle: [#nextBuffer] and [#onRead] in turn, [#resume] after a stall,
/// [#close] once.
final class FrameReader {
    /// A header's smallest form: api key, api version, correlation id.
    private static final int FRAME_BYTES_MIN = 8;
    private static final int LARGE_FRAME_BYTES = 32 << 10;
    private static final int FIRST_PIECE_BYTES = 64 << 10;
    /// So little is given even when no memory is left.
    private static final int SMALL_PIECE_BYTES = 4 << 10;
    private static final int GROWTH = 4;
    private static final int STASH_BYTES_MAX = 1 << 20;
    private static final int UNKNOWN = -1;

    /// What becomes of the frames.
    interface Sink {
        /// Whether the next frame may be handed over.
        boolean wantsFrame();

        /// A frame lies at `from` in `memory`, which the sink retains if it needs it for longer than this call.
        void onFrame(FrameMemory memory, int from, int size);

        /// The bytes are no frame. Nothing more is read.
        void onMalformed(String what);

        /// A frame needs more memory than there is: nothing is read until [FrameReader#grow] succeeds.
        void onMemoryWanted();
    }

    private final Sink sink;
    private final LoopMemory loop;
    private final MemoryBudget budget;
    private final MemoryBudget.Waiter self;
    private final int frameBytesMax;

    /// The bytes of the size that have come, at most three, in the low bits.
    private int prefix;

    private int prefixBytes;
    /// The size of the frame that has begun.
    private int frameBytes = UNKNOWN;
    /// Holds what has come of the frame that has begun; filled by the next reads.
    private @Nullable FrameMemory partial;

    private @Nullable FrameMemory stash;
    private int stashFrom;
    private int stashTo;

    private int lastFrameBytes;
    /// What this connection has shown that it really sends; fades with every smaller frame.
    private int trustedBytes;

    private long framesRead;
    private long bytesRead;
    private boolean closed;

    FrameReader(Sink sink, LoopMemory loop, MemoryBudget budget, MemoryBudget.Waiter self, int frameBytesMax) {
        this.sink = sink;
        this.loop = loop;
        this.budget = budget;
        this.self = self;
        this.frameBytesMax = frameBytesMax;
    }

    /// Where the next bytes go, retained for the caller; its free space says how much may be read.
    ByteBuf nextBuffer() {
        FrameMemory begun = partial;
        if (begun != null && stash == null) {
            // A peer that has sent its last byte is read to the end even while it should wait.
            if (!begun.buffer().isWritable()) moveTo(loop.allocate(grownBytes()).count(), begun);
            return Objects.requireNonNull(partial).buffer().retain();
        }
        if (stash == null && prefixBytes == 0 && lastFrameBytes >= LARGE_FRAME_BYTES)
            return loop.sizePrefix().retain();
        return loop.emptyScratch().buffer().retain();
    }

    /// Takes what was read into the buffer that [#nextBuffer] gave, and lets go of it.
    void onRead(ByteBuf buffer, int bytes) {
        bytesRead += bytes;
        FrameMemory begun = partial;
        if (closed) {
            buffer.release();
        } else if (begun != null && begun.isIn(buffer)) {
            buffer.release();
            onPartialRead(begun);
        } else if (loop.scratch().isIn(buffer)) {
            FrameMemory scratch = loop.scratch();
            if (stash != null) addToStash(scratch, bytes);
            else parse(scratch, 0, bytes);
            buffer.release();
        } else {
            onPrefixRead(buffer);
        }
    }

    private void onPrefixRead(ByteBuf buffer) {
        while (buffer.isReadable()) {
            prefix = prefix << 8 | buffer.readUnsignedByte();
            prefixBytes++;
        }
        buffer.release();
        if (prefixBytes < Integer.BYTES || !takeSize()) return;
        begin(loop.scratch(), 0, 0);
    }

    private void onPartialRead(FrameMemory begun) {
        int have = begun.buffer().writerIndex();
        if (have == frameBytes) {
            partial = null;
            parse(begun, 0, have);
            begun.release();
        } else if (!begun.buffer().isWritable() && !grow()) {
            sink.onMemoryWanted();
        }
    }

    /// Hands over the frames in `memory` from `from` to `to`, and keeps the rest.
    private void parse(FrameMemory memory, int from, int to) {
        int at = from;
        while (!closed) {
            if (!sink.wantsFrame()) {
                if (at < to) stash(memory, at, to);
                return;
            }
            if (frameBytes == UNKNOWN) {
                while (prefixBytes < Integer.BYTES && at < to) {
                    prefix = prefix << 8 | memory.buffer().getUnsignedByte(at++);
                    prefixBytes++;
                }
                if (prefixBytes < Integer.BYTES || !takeSize()) return;
            }
            if (to - at < frameBytes) {
                begin(memory, at, to);
                return;
            }
            int start = at;
            at += frameBytes;
            handOver(memory, start);
        }
    }

    private boolean takeSize() {
        int size = prefix;
        prefix = 0;
        prefixBytes = 0;
        if (size < FRAME_BYTES_MIN || size > frameBytesMax) {
            closed = true;
            sink.onMalformed("a frame announces " + size + " bytes, which is not between " + FRAME_BYTES_MIN + " and "
                    + frameBytesMax);
            return false;
        }
        frameBytes = size;
        return true;
    }

    private void handOver(FrameMemory memory, int from) {
        int size = frameBytes;
        frameBytes = UNKNOWN;
        lastFrameBytes = size;
        trustedBytes = Math.max(size, trustedBytes - (trustedBytes >> 3));
        framesRead++;
        sink.onFrame(memory, from, size);
    }

    /// Moves the part of a frame that has come to memory of its own.
    private void begin(FrameMemory from, int at, int to) {
        int have = to - at;
        int wanted = Math.min(frameBytes, Math.max(FIRST_PIECE_BYTES, trustedBytes));
        FrameMemory begun = wanted <= SMALL_PIECE_BYTES ? loop.allocate(wanted).count() : take(wanted);
        if (begun == null)
            begun = loop.allocate(Math.max(have, SMALL_PIECE_BYTES)).count();
        begun.buffer().writeBytes(from.buffer(), at, have);
        partial = begun;
        if (!begun.buffer().isWritable() && !grow()) sink.onMemoryWanted();
    }

    /// @return null if there is no such memory
    private @Nullable FrameMemory take(int bytes) {
        if (!budget.tryTake(self, bytes)) return null;
        FrameMemory taken = loop.allocate(bytes).counted();
        if (budget.isPrivileged(self)) taken.settles(self);
        return taken;
    }

    /// Makes room for more of the frame that has begun.
    ///
    /// @return whether there is room now
    boolean grow() {
        FrameMemory begun = partial;
        if (begun == null || begun.buffer().isWritable()) return true;
        FrameMemory grown = take(grownBytes());
        if (grown == null) return false;
        moveTo(grown, begun);
        return true;
    }

    /// How large the memory of the frame that has begun is to be next.
    int grownBytes() {
        FrameMemory begun = partial;
        long have = begun == null ? 0 : begun.buffer().writerIndex();
        return (int) Math.min(frameBytes, Math.max(have * GROWTH, Math.max(FIRST_PIECE_BYTES, trustedBytes)));
    }

    private void moveTo(FrameMemory grown, FrameMemory begun) {
        grown.buffer().writeBytes(begun.buffer(), 0, begun.buffer().writerIndex());
        begun.moved();
        partial = grown;
    }

    private void stash(FrameMemory memory, int from, int to) {
        int bytes = to - from;
        if (memory == loop.scratch() && bytes <= LoopMemory.SCRATCH_BYTES / 2) {
            FrameMemory own = loop.allocate(bytes);
            own.buffer().writeBytes(memory.buffer(), from, bytes);
            setStash(own, 0, bytes);
        } else {
            memory.retain();
            setStash(memory, from, to);
        }
    }

    private void setStash(FrameMemory memory, int from, int to) {
        stash = memory.count();
        stashFrom = from;
        stashTo = to;
    }

    /// For the same reason.
    private void addToStash(FrameMemory scratch, int bytes) {
        FrameMemory old = stash;
        if (old == null) return;
        int before = stashTo - stashFrom;
        if (before + bytes > STASH_BYTES_MAX) {
            closed = true;
            sink.onMalformed("it ended its side with more than " + STASH_BYTES_MAX + " bytes of requests unanswered");
            return;
        }
        FrameMemory own = loop.allocate(before + bytes);
        own.buffer().writeBytes(old.buffer(), stashFrom, before).writeBytes(scratch.buffer(), 0, bytes);
        old.release();
        setStash(own, 0, before + bytes);
    }

    /// Goes on with what was stashed, as far as the sink takes it.
    void resume() {
        FrameMemory memory = stash;
        if (memory == null || closed) return;
        stash = null;
        parse(memory, stashFrom, stashTo);
        memory.release();
    }

    boolean hasStash() {
        return stash != null;
    }

    boolean hasPartial() {
        return partial != null;
    }

    long framesRead() {
        return framesRead;
    }

    long bytesRead() {
        return bytesRead;
    }

    void close() {
        closed = true;
        if (partial != null) partial.release();
        if (stash != null) stash.release();
        partial = null;
        stash = null;
    }
}
