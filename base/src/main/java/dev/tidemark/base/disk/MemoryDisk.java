package dev.tidemark.base.disk;

import dev.tidemark.base.disk.MemoryTree.Entry;
import dev.tidemark.base.disk.MemoryTree.File;
import dev.tidemark.base.disk.MemoryTree.Folder;
import dev.tidemark.base.disk.MemoryTree.Node;
import dev.tidemark.base.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A file system in memory, for brokers without a disk, for tests and for the simulator. It knows which bytes and which
/// names were forced, so that a power cut ([#crash]) can take or tear the others. It fails on demand: [#capacityBytes],
/// [#hook].
///
/// A disk that was crashed or killed is dead: all that still holds it gets IOExceptions, like a broker that is no more.
/// What it left is a new disk.
public final class MemoryDisk implements Disk {
    /// Called before each operation, by the thread that asked for it. May throw to make it fail (a failed FORCE gives
    /// the dirty pages up, as a kernel does) and may take its time.
    @FunctionalInterface
    public interface Hook {
        /// `bytes` is the size of a read or write, the new size of a truncation, else 0. A file has the path by which
        /// it was opened.
        void before(DiskOperation operation, Path path, long bytes) throws IOException;
    }

    private static final Hook NOTHING_HAPPENS = (operation, path, bytes) -> {};

    private final Clock clock;
    private final MemoryTree tree;
    private volatile Hook hook = NOTHING_HAPPENS;
    private volatile boolean dead;
    private volatile boolean forcesNothing;
    private long capacityBytes = Long.MAX_VALUE;
    private long usedBytes;

    public MemoryDisk(Clock clock) {
        this(clock, new MemoryTree());
    }

    private MemoryDisk(Clock clock, MemoryTree tree) {
        this.clock = clock;
        this.tree = tree;
        this.usedBytes = tree.usedBytes();
    }

    /// From now on all files together may hold this much; a write over it writes what fits and then fails.
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /// Replaces the hook; a disk begins with one that does nothing.
    public void hook(Hook hook) {
        this.hook = hook;
    }

    /// From now on it says that it has forced what it has not, like a drive that lies about its cache.
    public void forceNothing() {
        forcesNothing = true;
    }

    /// Cuts the power. The result holds what was forced and a random part of the rest: pages whole, torn or not at all,
    /// of each folder's changes the first few. Its capacity is this one's, its hook does nothing.
    public synchronized MemoryDisk crash(RandomGenerator random) {
        dead = true;
        return successor(tree.afterCrash(random));
    }

    /// Kills the process. The result holds all that was written; what was not forced still isn't.
    public synchronized MemoryDisk kill() {
        dead = true;
        return successor(tree.afterKill());
    }

    private MemoryDisk successor(MemoryTree left) {
        MemoryDisk next = new MemoryDisk(clock, left);
        next.capacityBytes = capacityBytes;
        next.forcesNothing = forcesNothing;
        return next;
    }

    @Override
    public DiskFile open(Path file, Access access) throws IOException {
        before(DiskOperation.OPEN, file, 0);
        synchronized (this) {
            Node node = find(file);
            if (node instanceof Folder) throw new FileSystemException(file.toString(), null, "is a directory");
            if (node == null) {
                if (access == Access.READ) throw new NoSuchFileException(file.toString());
                Folder parent = parentOf(file);
                node = new File(new MemoryContent(), clock.wallMs());
                tree.change(new Entry(parent, nameOf(file), node));
            }
            File opened = (File) node;
            opened.openCount++;
            return new Handle(absolute(file), opened, access);
        }
    }

    @Override
    public boolean exists(Path path) {
        return look(path) != null;
    }

    @Override
    public boolean isDirectory(Path path) {
        return look(path) instanceof Folder;
    }

    private synchronized @Nullable Node look(Path path) {
        if (dead) throw new UncheckedIOException(gone());
        return find(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        before(DiskOperation.LIST, directory, 0);
        synchronized (this) {
            return List.copyOf(folder(directory).names.keySet());
        }
    }

    @Override
    public synchronized long sizeBytes(Path file) throws IOException {
        return file(file).content.sizeBytes();
    }

    @Override
    public synchronized long lastModifiedMs(Path file) throws IOException {
        return file(file).lastModifiedMs;
    }

    @Override
    public synchronized void setLastModifiedMs(Path file, long wallMs) throws IOException {
        file(file).lastModifiedMs = wallMs;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        before(DiskOperation.CREATE_DIRECTORIES, directory, 0);
        synchronized (this) {
            Path absolute = absolute(directory);
            for (int depth = 1; depth <= absolute.getNameCount(); depth++) {
                Path part = absolute.getRoot().resolve(absolute.subpath(0, depth));
                Node node = find(part);
                if (node instanceof File) throw new FileAlreadyExistsException(part.toString());
                if (node == null) tree.change(new Entry(parentOf(part), nameOf(part), new Folder()));
            }
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        before(DiskOperation.RENAME, from, 0);
        synchronized (this) {
            Node moved = find(from);
            if (moved == null) throw new NoSuchFileException(from.toString());
            Node replaced = find(to);
            if (moved == replaced) return;
            if (replaced != null) checkReplaceable(moved, replaced, to);
            tree.change(new Entry(parentOf(from), nameOf(from), null), new Entry(parentOf(to), nameOf(to), moved));
            if (replaced instanceof File file) unlink(file);
        }
    }

    private static void checkReplaceable(Node moved, Node replaced, Path to) throws IOException {
        if (replaced instanceof Folder folder && !folder.names.isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        if (moved instanceof Folder != replaced instanceof Folder) {
            throw new FileSystemException(to.toString(), null, "a file and a folder cannot replace each other");
        }
    }

    @Override
    public boolean delete(Path file) throws IOException {
        before(DiskOperation.DELETE, file, 0);
        synchronized (this) {
            Node node = find(file);
            if (node == null) return false;
            if (node instanceof Folder folder && !folder.names.isEmpty()) {
                throw new DirectoryNotEmptyException(file.toString());
            }
            tree.change(new Entry(parentOf(file), nameOf(file), null));
            if (node instanceof File gone) unlink(gone);
            return true;
        }
    }

    @Override
    public void deleteRecursively(Path directory) throws IOException {
        if (isDirectory(directory)) {
            for (String name : list(directory)) deleteRecursively(directory.resolve(name));
        }
        delete(directory);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        before(DiskOperation.FORCE_DIRECTORY, directory, 0);
        synchronized (this) {
            tree.force(folder(directory));
        }
    }

    @Override
    public boolean forceAll(Path directory) throws IOException {
        try {
            before(DiskOperation.FORCE_ALL, directory, 0);
        } catch (IOException failure) {
            synchronized (this) {
                tree.forEachFile(MemoryContent::failForce);
            }
            throw failure;
        }
        synchronized (this) {
            if (!forcesNothing) tree.forEachFile(MemoryContent::force);
            if (!forcesNothing) tree.forceAll();
        }
        return true;
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        try (DiskFile source = open(file, Access.READ)) {
            byte[] content = new byte[Math.toIntExact(source.sizeBytes())];
            source.read(ByteBuffer.wrap(content), 0);
            return content;
        }
    }

    @Override
    public long openFilesMax() {
        return Long.MAX_VALUE;
    }

    @Override
    public synchronized Space space(Path directory) throws IOException {
        if (dead) throw gone();
        return new Space(Math.max(0, capacityBytes - usedBytes), capacityBytes);
    }

    private void before(DiskOperation operation, Path path, long bytes) throws IOException {
        if (dead) throw gone();
        hook.before(operation, absolute(path), bytes);
        if (dead) throw gone();
    }

    private static IOException gone() {
        return new IOException("this disk lost its power, or its process was killed");
    }

    private @Nullable Node find(Path path) {
        return tree.find(absolute(path));
    }

    private File file(Path path) throws IOException {
        if (dead) throw gone();
        Node node = find(path);
        if (node instanceof File file) return file;
        if (node == null) throw new NoSuchFileException(path.toString());
        throw new FileSystemException(path.toString(), null, "is a directory");
    }

    private Folder folder(Path path) throws IOException {
        Node node = find(path);
        if (node instanceof Folder folder) return folder;
        if (node == null) throw new NoSuchFileException(path.toString());
        throw new NotDirectoryException(path.toString());
    }

    private Folder parentOf(Path path) throws IOException {
        Path parent = absolute(path).getParent();
        if (parent == null || !(find(parent) instanceof Folder folder)) throw new NoSuchFileException(path.toString());
        return folder;
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static String nameOf(Path path) {
        return Objects.requireNonNull(absolute(path).getFileName()).toString();
    }

    private void unlink(File file) {
        file.linked = false;
        freeIfUnused(file);
    }

    private void freeIfUnused(File file) {
        if (!file.linked && file.openCount == 0) usedBytes -= file.content.sizeBytes();
    }

    private synchronized void write(File file, ByteBuffer source, long position) throws IOException {
        if (dead) throw gone();
        long growth = position + source.remaining() - file.content.sizeBytes();
        long over = Math.min(Math.max(0, growth - Math.max(0, capacityBytes - usedBytes)), source.remaining());
        int limit = source.limit();
        source.limit(limit - (int) over);
        long before = file.content.sizeBytes();
        if (source.hasRemaining()) file.content.write(source, position);
        usedBytes += file.content.sizeBytes() - before;
        file.lastModifiedMs = clock.wallMs();
        source.limit(limit);
        if (over > 0) throw new IOException("No space left on device");
    }

    private synchronized void truncate(File file, long size) throws IOException {
        if (dead) throw gone();
        long before = file.content.sizeBytes();
        file.content.truncate(size);
        usedBytes += file.content.sizeBytes() - before;
        file.lastModifiedMs = clock.wallMs();
    }

    private synchronized void closed(File file) {
        file.openCount--;
        freeIfUnused(file);
    }

    private final class Handle implements DiskFile {
        private final Path path;
        private final File file;
        private final Access access;
        private volatile boolean closed;

        Handle(Path path, File file, Access access) {
            this.path = path;
            this.file = file;
            this.access = access;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            check(DiskOperation.READ, target.remaining());
            return file.content.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            checkWritable(DiskOperation.WRITE, source.remaining());
            MemoryDisk.this.write(file, source, position);
        }

        @Override
        public void write(ByteBuffer[] sources, long position) throws IOException {
            long at = position;
            long total = 0;
            for (ByteBuffer source : sources) total += source.remaining();
            checkWritable(DiskOperation.WRITE, total);
            for (ByteBuffer source : sources) {
                int size = source.remaining();
                MemoryDisk.this.write(file, source, at);
                at += size;
            }
        }

        @Override
        public long sizeBytes() throws IOException {
            checkOpen();
            return file.content.sizeBytes();
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            checkWritable(DiskOperation.TRUNCATE, sizeBytes);
            MemoryDisk.this.truncate(file, sizeBytes);
        }

        @Override
        public void force() throws IOException {
            checkOpen();
            try {
                before(DiskOperation.FORCE, path, 0);
            } catch (IOException failure) {
                file.content.failForce();
                throw failure;
            }
            if (!forcesNothing) file.content.force();
        }

        @Override
        public Optional<FileChannel> channel() {
            return Optional.empty();
        }

        @Override
        public void close() {
            synchronized (MemoryDisk.this) {
                if (closed) return;
                closed = true;
                closed(file);
            }
        }

        @Override
        public String toString() {
            return path.toString();
        }

        private void check(DiskOperation operation, long bytes) throws IOException {
            checkOpen();
            before(operation, path, bytes);
        }

        private void checkWritable(DiskOperation operation, long bytes) throws IOException {
            if (access == Access.READ) throw new IOException(path + " is open for reading only");
            check(operation, bytes);
        }

        private void checkOpen() throws IOException {
            if (closed) throw new IOException(path + " is closed");
            if (dead) throw gone();
        }
    }
}
