package dev.tidemark.network;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.BufferSource;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.codec.Writer.Part;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.storage.segment.FileRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encodes replies for the connections of one loop. Small replies that leave together lie one behind the other in a
/// buffer that the loop keeps for this, and leave as one piece. Records in files go by `sendfile`, short runs of them
/// are read beside the message's own bytes instead, which costs fewer system calls.
///
/// Owner: the loop. One connection at a time: [#begin], any number of [#write], [#end].
final class ReplyWriter implements BufferSource {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyWriter.class);
    /// Below this, reading and writing cost less than a `sendfile` with its own pass through the network's layers.
    static final int REGION_BYTES_MIN = 64 << 10;
    /// A reply from which so much was read sends what is left by `sendfile`, if it is not tiny: unread replies must not
    /// hold much memory.
    private static final int COPIED_BYTES_MAX = 256 << 10;

    private static final int TINY_BYTES_MAX = 8 << 10;
    static final int SCRATCH_BYTES = 32 << 10;
    private static final int ROOM_BYTES_MIN = 512;
    private static final int LARGER_BYTES = 64 << 10;

    private final ByteBufAllocator allocator;
    private ByteBuf scratch;
    /// Where what has not been given to the channel begins.
    private int from;
    /// Memory of a reply for which the scratch has no room.
    private @Nullable ByteBuf larger;

    /// What `larger` replaced; the writer still copies from it.
    private @Nullable ByteBuf outgrown;

    private @Nullable ChannelHandlerContext channel;
    /// Records stay in their files however short they are.
    private boolean isSparing;
    /// What the reply in hand has had copied into buffers.
    private int copiedBytes;
    /// What has come from files since [#begin].
    private long recordBytes;

    ReplyWriter(ByteBufAllocator allocator) {
        this.allocator = allocator;
        this.scratch = allocator.directBuffer(SCRATCH_BYTES, SCRATCH_BYTES);
    }

    /// @param sparing whether memory is short, so that no records are to be read into it
    void begin(ChannelHandlerContext target, boolean sparing) {
        channel = target;
        isSparing = sparing;
        recordBytes = 0;
        if (scratch.refCnt() == 1) {
            scratch.clear();
            from = 0;
        }
    }

    /// Writes one reply, size first. After an exception its records were released, and the connection cannot go on.
    void write(ApiKey api, short version, int correlationId, Response response) {
        Writer writer;
        try {
            if (scratch.writableBytes() < ROOM_BYTES_MIN) renewScratch();
            writer = new Writer(this, ROOM_BYTES_MIN);
            writer.writeInt(0);
            writer.writeInt(correlationId);
            if (api.responseHeaderVersion(version) > 0) writer.writeUnsignedVarint(0);
            response.write(writer, version);
            writer.patchInt(0, Math.toIntExact(writer.sizeInBytes() - Integer.BYTES));
        } catch (RuntimeException failure) {
            dropLarger();
            discard(api, version, response);
            throw failure;
        }
        if (carriesRecords(api)) writeParts(writer.parts());
        else writeMemory((int) writer.sizeInBytes());
    }

    /// Bytes of records from files since [#begin].
    long recordBytes() {
        return recordBytes;
    }

    /// Gives what is left to the channel.
    void end() {
        emitScratch();
        channel = null;
    }

    private static boolean carriesRecords(ApiKey api) {
        return api == ApiKey.FETCH || api == ApiKey.SHARE_FETCH || api == ApiKey.FETCH_SNAPSHOT;
    }

    private void writeMemory(int bytes) {
        ByteBuf own = larger;
        if (own == null) {
            scratch.writerIndex(scratch.writerIndex() + bytes);
            return;
        }
        larger = null;
        emitScratch();
        emit(own.writerIndex(bytes));
    }

    private void writeParts(List<Part> parts) {
        int at = 0;
        copiedBytes = 0;
        try {
            while (at < parts.size()) {
                Part part = parts.get(at);
                if (!goesAsRegion(part, copiedBytes)) {
                    at = writeRun(parts, at);
                    continue;
                }
                at++;
                emitScratch();
                emit(region((Part.Inserted) part));
            }
        } catch (IOException failure) {
            release(parts.subList(at, parts.size()));
            throw new UncheckedIOException(failure);
        } catch (OutOfDirectMemory none) {
            release(parts.subList(at, parts.size()));
            throw none;
        } finally {
            dropLarger();
        }
    }

    /// Copies the parts from `first` up to the next region into one buffer.
    ///
    /// @return where that region is
    private int writeRun(List<Part> parts, int first) throws IOException {
        int bytes = 0;
        int end = first;
        while (end < parts.size() && !goesAsRegion(parts.get(end), copiedBytes + bytes))
            bytes += parts.get(end++).sizeInBytes();
        copiedBytes += bytes;
        ByteBuf run = allocate(bytes);
        try {
            for (Part part : parts.subList(first, end)) copy(part, run);
        } catch (IOException failure) {
            run.release();
            throw failure;
        }
        release(parts.subList(first, end));
        emitScratch();
        emit(run);
        return end;
    }

    private void copy(Part part, ByteBuf target) throws IOException {
        switch (part) {
            case Part.Memory memory -> target.writeBytes(memory.buffer());
            case Part.Inserted inserted -> {
                int at = target.writerIndex();
                int size = inserted.sizeInBytes();
                ByteBuffer view = target.nioBuffer(at, size);
                FileRecords records = fileRecords(inserted);
                while (view.hasRemaining()) {
                    if (records.read(view, view.position()) <= 0)
                        throw new IOException("the segment ends inside of the records");
                }
                target.writerIndex(at + size);
                recordBytes += size;
            }
        }
    }

    private static FileRecords fileRecords(Part.Inserted inserted) {
        if (inserted.records() instanceof FileRecords records) return records;
        throw Check.failed("no way to send " + inserted.records().getClass());
    }

    private boolean goesAsRegion(Part part, int copiedBytes) {
        if (!(part instanceof Part.Inserted inserted)) return false;
        int bytesMin = copiedBytes < COPIED_BYTES_MAX ? REGION_BYTES_MIN : TINY_BYTES_MAX;
        if (isSparing) bytesMin = 1;
        return inserted.sizeInBytes() >= bytesMin
                && fileRecords(inserted).channel().isPresent();
    }

    private RecordsRegion region(Part.Inserted part) {
        recordBytes += part.sizeInBytes();
        FileRecords records = fileRecords(part);
        return new RecordsRegion(records, records.channel().orElseThrow());
    }

    private void emitScratch() {
        int bytes = scratch.writerIndex() - from;
        if (bytes == 0) return;
        emit(scratch.retainedSlice(from, bytes));
        from = scratch.writerIndex();
    }

    private void emit(Object piece) {
        ChannelHandlerContext target = channel;
        if (target == null) throw Check.failed("no connection to write to");
        var _ = target.write(piece, target.voidPromise());
    }

    private void renewScratch() {
        emitScratch();
        ByteBuf fresh = allocate(SCRATCH_BYTES);
        scratch.release();
        scratch = fresh;
        from = 0;
    }

    @Override
    public ByteBuffer acquire(int capacityMin) {
        if (larger == null && capacityMin <= scratch.writableBytes())
            return scratch.nioBuffer(scratch.writerIndex(), scratch.writableBytes());
        int capacity = Math.max(capacityMin, LARGER_BYTES);
        ByteBuf fresh = allocate(capacity);
        outgrown = larger;
        larger = fresh;
        return fresh.nioBuffer(0, capacity);
    }

    /// The writer has moved on to a larger buffer.
    @Override
    public void release(ByteBuffer buffer) {
        if (outgrown != null) outgrown.release();
        outgrown = null;
    }

    private ByteBuf allocate(int bytes) {
        try {
            return allocator.directBuffer(bytes, bytes);
        } catch (OutOfMemoryError none) {
            throw new OutOfDirectMemory(none);
        }
    }

    private void dropLarger() {
        if (larger != null) larger.release();
        larger = null;
    }

    /// Releases the records of a reply that goes nowhere.
    static void discard(ApiKey api, short version, Response response) {
        if (!carriesRecords(api)) return;
        Writer writer = new Writer();
        try {
            response.write(writer, version);
        } catch (RuntimeException unwritable) {
            LOG.debug("An unsent reply cannot be written either: its records behind the fault stay open", unwritable);
        }
        release(writer.parts());
    }

    private static void release(List<Part> parts) {
        for (Part part : parts) {
            if (part instanceof Part.Inserted inserted && inserted.records() instanceof FileRecords records)
                records.release();
        }
    }

    void close() {
        scratch.release();
    }
}
