package dev.tidemark.storage.segment;

import dev.tidemark.protocol.record.RecordBytes;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Record batches that lie in a segment's file, to be sent from there without a copy. Holds the file open, also when
/// the segment is deleted meanwhile, from its making until [#release], which its owner calls when the bytes were sent
/// or are not wanted. Any thread.
public final class FileRecords implements RecordBytes {
    private static final VarHandle FILE;

    static {
        try {
            FILE = MethodHandles.lookup().findVarHandle(FileRecords.class, "file", OpenFile.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// No records; nothing to release.
    public static final FileRecords EMPTY = new FileRecords(null, 0, 0);

    private volatile @Nullable OpenFile file;
    private final long position;
    private final int sizeInBytes;

    /// Takes over one use of `file`.
    public FileRecords(@Nullable OpenFile file, long position, int sizeInBytes) {
        this.file = file;
        this.position = position;
        this.sizeInBytes = sizeInBytes;
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /// Whether these are bytes of `log`. Not after [#release].
    @SuppressWarnings("ReferenceEquality")
    public boolean isOf(SegmentFile log) {
        OpenFile held = file;
        return held != null && held.of() == log;
    }

    /// Where the first byte lies in the file.
    public long position() {
        return position;
    }

    /// The channel to send from, [#sizeInBytes] from [#position] on; empty where the disk has none: then [#read].
    /// Never closed by the user.
    public Optional<FileChannel> channel() {
        OpenFile held = file;
        return held == null ? Optional.empty() : held.file().channel();
    }

    /// Copies from `offset` of these records on, until `target` is full or the records end.
    ///
    /// @return bytes copied
    public int read(ByteBuffer target, int offset) throws IOException {
        OpenFile held = file;
        if (sizeInBytes == 0 || offset >= sizeInBytes) return 0;
        if (held == null) throw new IOException("the records were released");
        int limit = target.limit();
        target.limit(target.position() + Math.min(target.remaining(), sizeInBytes - offset));
        try {
            return held.file().read(target, position + offset);
        } finally {
            target.limit(limit);
        }
    }

    /// All bytes, in a new heap buffer ready for reading.
    public ByteBuffer copy() throws IOException {
        ByteBuffer copy = ByteBuffer.allocate(sizeInBytes);
        while (copy.hasRemaining()) {
            if (read(copy, copy.position()) <= 0) throw new IOException("the segment ends inside of the records");
        }
        return copy.flip();
    }

    /// Ends the use of the file. A second call does nothing.
    public void release() {
        OpenFile held = (OpenFile) FILE.getAndSet(this, null);
        if (held != null) held.release();
    }

    @Override
    public String toString() {
        return "FileRecords[" + sizeInBytes + " bytes at " + position + "]";
    }
}
