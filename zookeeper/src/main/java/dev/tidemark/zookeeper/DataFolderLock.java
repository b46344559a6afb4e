package dev.tidemark.zookeeper;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a second server off a data folder: two that write one transaction log would ruin it. The system gives the lock
/// back when the process ends, however it ends.
final class DataFolderLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataFolderLock.class);

    private final Path folder;
    private final FileChannel file;

    private DataFolderLock(Path folder, FileChannel file) {
        this.folder = folder;
        this.file = file;
    }

    /// @throws IOException if another server has the folder
    static DataFolderLock acquire(Path folder) throws IOException {
        FileChannel file = open(folder);
        if (tryLock(file) == null) {
            file.close();
            throw new IOException("The ZooKeeper data folder " + folder
                    + " is in use by another broker. Stop that one, or give this one a log.dirs of its own.");
        }
        return new DataFolderLock(folder, file);
    }

    private static FileChannel open(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
            return FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (FileSystemException failure) {
            String reason = failure.getReason();
            throw new IOException(
                    "The ZooKeeper data folder " + folder + " cannot be used: "
                            + (reason == null ? failure.getClass().getSimpleName() : reason)
                            + ". Choose another one by tidemark.zookeeper.data.dir or log.dirs.",
                    failure);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException failure) {
            LOG.warn("Cannot close the lock of {}: {}", folder, failure.getMessage());
        }
    }
}
