package dev.tidemark.bench.broker;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/// A folder for the brokers' data that is deleted at the end, also when the run is interrupted.
public final class TempFolder implements AutoCloseable {
    private final Path path;
    private final Thread onExit;

    private TempFolder(Path path) {
        this.path = path;
        this.onExit = new Thread(() -> {
            LiveProcesses.killAll();
            deleteQuietly(path);
        });
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /// Below `parent`, or below `/var/tmp` (a disk where `/tmp` may be memory).
    public static TempFolder create(@Nullable Path parent, String prefix) throws IOException {
        Path varTmp = Path.of("/var/tmp");
        Path base = parent != null ? parent : Files.isWritable(varTmp) ? varTmp : Path.of(tmpdir());
        Files.createDirectories(base);
        return new TempFolder(Files.createTempDirectory(base, prefix));
    }

    private static String tmpdir() {
        return System.getProperty("java.io.tmpdir");
    }

    public Path path() {
        return path;
    }

    /// @throws IOException when it lies in memory, or less than `bytes` are free
    public void requireDisk(long bytes, boolean memoryAllowed) throws IOException {
        FileStore store = Files.getFileStore(path);
        if (store.type().equals("tmpfs") && !memoryAllowed) {
            throw new IOException(
                    path + " lies in memory (tmpfs); name a folder on a disk with --data, or pass --tmpfs");
        }
        if (store.getUsableSpace() < bytes) {
            throw new IOException("%s has %d MB free, the run needs %d MB; name another folder with --data"
                    .formatted(path, store.getUsableSpace() >> 20, bytes >> 20));
        }
    }

    @Override
    public void close() throws IOException {
        delete(path);
        Runtime.getRuntime().removeShutdownHook(onExit);
    }

    private static void deleteQuietly(Path folder) {
        try {
            delete(folder);
        } catch (IOException e) {
            System.err.println("Could not delete " + folder + ": " + e);
        }
    }

    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                // A broker that is just stopping may remove files under our hands.
                if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null) throw e;
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
