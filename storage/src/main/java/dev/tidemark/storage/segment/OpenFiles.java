package dev.tidemark.storage.segment;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Keeps the number of open files of a log directory near a bound, so that tens of thousands of partitions need few
/// descriptors. A clock's hand goes round the open files and closes those that nobody uses now nor used since it came
/// by last. Files in use may exceed the bound. Any thread.
public final class OpenFiles {
    private final Disk disk;
    private final int openMax;
    private final Object lock = new Object();
    /// Guarded by the lock.
    private final ArrayDeque<OpenFile> ring = new ArrayDeque<>();

    public OpenFiles(Disk disk, int openMax) {
        this.disk = disk;
        this.openMax = openMax;
    }

    public Disk disk() {
        return disk;
    }

    /// How many files the ring knows; closed ones leave it when the hand comes by.
    public int openCount() {
        synchronized (lock) {
            return ring.size();
        }
    }

    /// Opens, and where the process has no descriptor left, closes idle files and tries again.
    DiskFile open(Path path, Access access) throws IOException {
        try {
            return disk.open(path, access);
        } catch (IOException failure) {
            String message = failure.getMessage();
            if (message == null || !message.contains("Too many open files")) throw failure;
            closeIdle(openCount() / 2);
            return disk.open(path, access);
        }
    }

    void opened(OpenFile file) {
        int excess;
        synchronized (lock) {
            ring.addLast(file);
            excess = ring.size() - openMax;
        }
        if (excess > 0) closeIdle(excess);
    }

    private void closeIdle(int count) {
        int left = count;
        int looksLeft = 2 * openCount();
        while (left > 0 && looksLeft-- > 0) {
            OpenFile idle = nextIdle();
            if (idle == null) continue;
            idle.of().giveUp(idle);
            left--;
        }
    }

    /// Takes the file under the hand out of the ring if it is idle or closed, else puts it behind all others.
    private @Nullable OpenFile nextIdle() {
        synchronized (lock) {
            OpenFile next = ring.pollFirst();
            if (next == null || next.isClosed()) return null;
            if (!next.takeUsedLately() && !next.isInUse()) return next;
            ring.addLast(next);
            return null;
        }
    }
}
