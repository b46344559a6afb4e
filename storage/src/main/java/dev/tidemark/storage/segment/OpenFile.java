package dev.tidemark.storage.segment;

import dev.tidemark.base.Check;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A file that stays open as long as somebody holds it: [OpenFiles] until it gives it up, and each user from
/// [SegmentFile#acquireForRead] to [#release]. Any thread.
public final class OpenFile {
    private static final VarHandle HOLDERS;

    static {
        try {
            HOLDERS = MethodHandles.lookup().findVarHandle(OpenFile.class, "holders", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final SegmentFile of;
    private final DiskFile file;
    private final boolean writable;

    @SuppressWarnings("FieldMayBeFinal") // by HOLDERS
    private volatile int holders = 1;

    /// Set on use, cleared by the hand of the clock that looks for files to close.
    private boolean usedLately = true;

    OpenFile(SegmentFile of, DiskFile file, boolean writable) {
        this.of = of;
        this.file = file;
        this.writable = writable;
    }

    public DiskFile file() {
        return file;
    }

    boolean isWritable() {
        return writable;
    }

    SegmentFile of() {
        return of;
    }

    boolean isClosed() {
        return holders == 0;
    }

    boolean isInUse() {
        return holders > 1;
    }

    boolean takeUsedLately() {
        boolean was = usedLately;
        usedLately = false;
        return was;
    }

    boolean tryRetain() {
        while (true) {
            int now = holders;
            if (now == 0) return false;
            if (HOLDERS.weakCompareAndSet(this, now, now + 1)) {
                usedLately = true;
                return true;
            }
        }
    }

    /// Ends one use; the last one closes the file.
    public void release() {
        int before = (int) HOLDERS.getAndAdd(this, -1);
        Check.that(before > 0, "released more often than acquired");
        if (before == 1) close();
    }

    private void close() {
        try {
            file.close();
        } catch (IOException failure) {
            // What was written was promised to nobody by close: only force does that.
            throw new UncheckedIOException(failure);
        }
    }
}
