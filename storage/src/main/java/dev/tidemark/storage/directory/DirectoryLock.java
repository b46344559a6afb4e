package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Optional;

/// `.lock`: keeps two processes from writing to one directory. The system gives the lock back when the process ends,
/// however it ends.
final class DirectoryLock implements AutoCloseable {
    private static final String NAME = ".lock";

    private final DiskFile file;

    private DirectoryLock(DiskFile file) {
        this.file = file;
    }

    /// @throws IOException if somebody else has it
    static DirectoryLock acquire(Disk disk, Path directory) throws IOException {
        DiskFile file = disk.open(directory.resolve(NAME), Access.READ_WRITE);
        try {
            if (isFree(file.channel())) return new DirectoryLock(file);
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
        file.close();
        throw new IOException("the log directory " + directory + " is in use by another process, which holds its lock: "
                + "stop that one, or choose another folder in log.dirs");
    }

    private static boolean isFree(Optional<FileChannel> channel) throws IOException {
        if (channel.isEmpty()) return true;
        try {
            FileLock lock = channel.get().tryLock();
            return lock != null;
        } catch (OverlappingFileLockException held) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
