package dev.tidemark.storage.segment;

import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// One file of a segment: created at the first write, opened at the first use, closed again when [OpenFiles] needs the
/// place. Any thread may read; writes and truncation have one caller at a time.
public final class SegmentFile {
    private static final VarHandle OPEN;

    static {
        try {
            OPEN = MethodHandles.lookup().findVarHandle(SegmentFile.class, "open", OpenFile.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final PartitionFolder folder;
    private final long baseOffset;
    private volatile String suffix;
    private volatile @Nullable OpenFile open;
    private boolean deleted;

    public SegmentFile(PartitionFolder folder, long baseOffset, String suffix) {
        this.folder = folder;
        this.baseOffset = baseOffset;
        this.suffix = suffix;
    }

    public Path path() {
        return folder.resolve(FileNames.of(baseOffset, suffix));
    }

    public boolean exists() {
        return folder.disk().exists(path());
    }

    /// 0 where there is no such file.
    public long sizeBytes() throws IOException {
        OpenFile held = open;
        if (held != null && held.tryRetain()) {
            try {
                return held.file().sizeBytes();
            } finally {
                held.release();
            }
        }
        Path path = path();
        return folder.disk().exists(path) ? folder.disk().sizeBytes(path) : 0;
    }

    public long lastModifiedMs() throws IOException {
        return folder.disk().lastModifiedMs(path());
    }

    /// The open file, to be released once. A file that was deleted or never written is not there.
    public OpenFile acquireForRead() throws IOException {
        OpenFile held = open;
        return held != null && held.tryRetain() ? held : openIfNeeded(false);
    }

    /// As [#acquireForRead], but for writing; the file is created if it is missing.
    public OpenFile acquireForWrite() throws IOException {
        OpenFile held = open;
        return held != null && held.isWritable() && held.tryRetain() ? held : openIfNeeded(true);
    }

    /// @return bytes read; fewer than asked for only at the end of the file
    public int read(ByteBuffer target, long position) throws IOException {
        OpenFile file = acquireForRead();
        try {
            return file.file().read(target, position);
        } finally {
            file.release();
        }
    }

    public void write(ByteBuffer source, long position) throws IOException {
        OpenFile file = acquireForWrite();
        try {
            file.file().write(source, position);
        } finally {
            file.release();
        }
    }

    public void truncate(long sizeBytes) throws IOException {
        OpenFile file = acquireForWrite();
        try {
            file.file().truncate(sizeBytes);
        } finally {
            file.release();
        }
    }

    /// Makes what was written last; nothing to do where the file was never written.
    public void force() throws IOException {
        OpenFile file = acquireForWrite();
        try {
            file.file().force();
        } finally {
            file.release();
        }
    }

    /// Gives the file another suffix, on the disk too if it is there. Who holds it open keeps it.
    public synchronized void rename(String newSuffix) throws IOException {
        Path from = path();
        if (folder.disk().exists(from)) folder.disk().rename(from, folder.resolve(FileNames.of(baseOffset, newSuffix)));
        suffix = newSuffix;
    }

    /// Removes the file. Who holds it open keeps reading; nobody can open it any more.
    public synchronized void delete() throws IOException {
        deleted = true;
        folder.disk().delete(path());
        close();
    }

    /// Gives up the open file; it is opened again at the next use.
    public void close() {
        OpenFile held = (OpenFile) OPEN.getAndSet(this, null);
        if (held != null) held.release();
    }

    boolean giveUp(OpenFile held) {
        if (!OPEN.compareAndSet(this, held, null)) return false;
        held.release();
        return true;
    }

    private synchronized OpenFile openIfNeeded(boolean forWrite) throws IOException {
        OpenFile held = open;
        if (held != null && (held.isWritable() || !forWrite) && held.tryRetain()) return held;
        if (deleted) throw new NoSuchFileException(path().toString(), null, "deleted");
        DiskFile file = folder.openFiles().open(path(), forWrite ? Access.READ_WRITE : Access.READ);
        OpenFile opened = new OpenFile(this, file, forWrite);
        boolean retained = opened.tryRetain();
        assert retained;
        OpenFile before = (OpenFile) OPEN.getAndSet(this, opened);
        if (before != null) before.release();
        folder.openFiles().opened(opened);
        return opened;
    }
}
