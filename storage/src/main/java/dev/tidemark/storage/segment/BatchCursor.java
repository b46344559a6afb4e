package dev.tidemark.storage.segment;

import dev.tidemark.protocol.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Walks the batches of a segment's file, reading a buffer full at a time: headers only, or whole batches. Stops before
/// the first bytes that cannot be a batch. Owner: one thread.
public final class BatchCursor {
    private static final int LOOKUP_BYTES = 4096;
    /// What is read where batches are so large that a buffer full would hold no second header.
    private static final int SPARSE_BYTES = 128;

    private final SegmentFile file;
    private final int limit;
    private ByteBuffer buffer;
    /// Where in the file the buffer's first byte lies.
    private long bufferFrom;

    private int position;
    private int size;
    private boolean isSparse;
    private @Nullable BatchHeader header;
    private @Nullable String problem;

    /// @param limit where the batches end; nothing behind it is looked at
    /// @param buffer to read into: of at least a header's size; it is replaced where a whole batch does not fit
    public BatchCursor(SegmentFile file, int from, int limit, ByteBuffer buffer) {
        this.file = file;
        this.limit = limit;
        this.buffer = buffer.clear().limit(0);
        this.bufferFrom = from;
        this.position = from;
    }

    /// For looking at few batches.
    public static BatchCursor ofHeaders(SegmentFile file, int from, int limit) {
        return new BatchCursor(file, from, limit, ByteBuffer.allocate(LOOKUP_BYTES));
    }

    /// Goes to the next batch.
    ///
    /// @return false at the limit, or where no batch can begin: then [#problem] says why
    public boolean next() throws IOException {
        position += size;
        isSparse = size >= buffer.capacity();
        size = 0;
        header = null;
        if (position >= limit) return false;
        if (limit - position < BatchHeader.BYTES) return stop("the file ends inside of a batch header");
        int at = ensure(BatchHeader.BYTES);
        if (at < 0) return stop("the file ends inside of a batch header");
        int batchSize = BatchHeader.sizeAt(buffer, at);
        if (batchSize < BatchHeader.BYTES) return stop("the batch length is not one");
        BatchHeader found = new BatchHeader(buffer, at);
        if (found.magic() != BatchHeader.MAGIC) return stop("magic " + found.magic() + " instead of 2");
        if (batchSize > limit - position) return stop("the file ends inside of a batch");
        if (found.lastOffsetDelta() < 0 || found.baseOffset() < 0) return stop("the offsets are negative");
        size = batchSize;
        header = found;
        return true;
    }

    private boolean stop(String why) {
        problem = why;
        return false;
    }

    /// Why [#next] stopped before the limit; null where it did not.
    public @Nullable String problem() {
        return problem;
    }

    /// Where the current batch begins, or where the walk stopped.
    public int position() {
        return position;
    }

    public int endPosition() {
        return position + size;
    }

    public int size() {
        return size;
    }

    /// Of the current batch; valid until the next move.
    public BatchHeader header() {
        BatchHeader current = header;
        if (current == null) throw new IllegalStateException("not on a batch");
        return current;
    }

    /// The current batch with all its bytes in memory; valid until the next move.
    public BatchHeader whole() throws IOException {
        if (size > buffer.capacity()) growTo(size);
        int at = ensure(size);
        if (at < 0) throw new IOException(file.path() + " ends inside of the batch at " + position);
        BatchHeader current = new BatchHeader(buffer, at);
        header = current;
        return current;
    }

    private void growTo(int bytes) {
        int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(bytes, 2L * buffer.capacity()));
        buffer = (buffer.isDirect() ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity)).limit(0);
        bufferFrom = position;
    }

    /// Has `bytes` bytes from the position on in the buffer.
    ///
    /// @return where they begin in the buffer; -1 if the file is shorter
    private int ensure(int bytes) throws IOException {
        long at = position - bufferFrom;
        if (at >= 0 && at + bytes <= buffer.limit()) return (int) at;
        int wanted = isSparse && bytes <= SPARSE_BYTES ? SPARSE_BYTES : buffer.capacity();
        buffer.clear().limit(Math.min(wanted, limit - position));
        bufferFrom = position;
        file.read(buffer, position);
        buffer.flip();
        return buffer.limit() < bytes ? -1 : 0;
    }
}
