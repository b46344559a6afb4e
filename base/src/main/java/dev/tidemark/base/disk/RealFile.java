package dev.tidemark.base.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A file of the machine's file system.
///
/// The channel may be closed under us when some thread that reads or writes is interrupted; whoever notices opens the
/// file anew (the same inode, which may have been renamed since) and repeats the call. So an interrupt costs a few
/// system calls and never a log. `RandomAccessFile` is used for its descriptor: `FileDescriptor.sync` cannot be
/// interrupted, so the result of an fsync is never lost.
final class RealFile implements DiskFile {
    /// The JDK copies a heap buffer into a direct one of the same size, which it then keeps for the thread.
    private static final int HEAP_WRITE_BYTES_MAX = 256 * 1024;

    private final Path path;
    private final Disk.Access access;
    private final @Nullable Object fileKey;
    private volatile RandomAccessFile file;
    private volatile boolean closed;
    private volatile @Nullable IOException forceFailure;

    private RealFile(Path path, Disk.Access access, @Nullable Object fileKey, RandomAccessFile file) {
        this.path = path;
        this.access = access;
        this.fileKey = fileKey;
        this.file = file;
    }

    static RealFile open(Path path, Disk.Access access) throws IOException {
        Path absolute = path.toAbsolutePath();
        RandomAccessFile file = openRandomAccess(absolute, access);
        return new RealFile(absolute, access, fileKeyOf(absolute), file);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        retrying(channel -> {
            target.position(start);
            long at = position;
            while (target.hasRemaining()) {
                int read = channel.read(target, at);
                if (read < 0) return;
                at += read;
            }
        });
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        int start = source.position();
        retrying(channel -> {
            source.position(start);
            writeAll(channel, source, position);
        });
    }

    @Override
    public void write(ByteBuffer[] sources, long position) throws IOException {
        int[] starts = new int[sources.length];
        for (int i = 0; i < sources.length; i++) starts[i] = sources[i].position();
        retrying(channel -> {
            for (int i = 0; i < sources.length; i++) sources[i].position(starts[i]);
            gatherAll(channel, sources, position);
        });
    }

    @Override
    public long sizeBytes() throws IOException {
        long[] size = new long[1];
        retrying(channel -> size[0] = channel.size());
        return size[0];
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        retrying(channel -> channel.truncate(sizeBytes));
    }

    /// After a failure every later call fails too: the kernel has marked the pages clean and would report success.
    @Override
    public void force() throws IOException {
        IOException earlier = forceFailure;
        if (earlier != null) throw new IOException("an earlier force of " + path + " failed", earlier);
        while (true) {
            RandomAccessFile current = file;
            try {
                current.getFD().sync();
                return;
            } catch (IOException failure) {
                if (!closed && !current.getChannel().isOpen()) {
                    reopen(current); // Closed by another thread's interrupt, before the sync began.
                } else {
                    forceFailure = failure;
                    throw new IOException("cannot force " + path + ": " + failure.getMessage(), failure);
                }
            }
        }
    }

    @Override
    public Optional<FileChannel> channel() {
        return Optional.of(file.getChannel());
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        file.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private interface ChannelAction {
        void run(FileChannel channel) throws IOException;
    }

    private void retrying(ChannelAction action) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                RandomAccessFile current = file;
                try {
                    action.run(current.getChannel());
                    return;
                } catch (ClosedChannelException broken) {
                    if (closed) throw broken;
                    interrupted |= Thread.interrupted();
                    reopen(current);
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private synchronized void reopen(RandomAccessFile broken) throws IOException {
        if (closed) throw new ClosedChannelException();
        if (file != broken) return;
        file = openRandomAccess(whereItIsNow(), access);
    }

    /// Renames happen within a partition's folder or to the folder itself, so two levels up is far enough.
    private Path whereItIsNow() throws IOException {
        if (isThisFile(path)) return path;
        Path folder = Objects.requireNonNull(path.getParent());
        Path above = folder.getParent() == null ? folder : folder.getParent();
        for (Path start : new Path[] {folder, above}) {
            if (!Files.isDirectory(start)) continue;
            try (Stream<Path> near = Files.walk(start, 2)) {
                Optional<Path> found = near.filter(this::isThisFile).findFirst();
                if (found.isPresent()) return found.get();
            }
        }
        throw new NoSuchFileException(path.toString(), null, "was closed by an interrupt and is not to be found again");
    }

    private boolean isThisFile(Path candidate) {
        return Files.isRegularFile(candidate) && (fileKey == null || fileKey.equals(fileKeyOf(candidate)));
    }

    private static @Nullable Object fileKeyOf(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException gone) {
            return null;
        }
    }

    private static RandomAccessFile openRandomAccess(Path path, Disk.Access access) throws IOException {
        boolean readOnly = access == Disk.Access.READ;
        if (readOnly && !Files.exists(path)) throw new NoSuchFileException(path.toString());
        try {
            return new RandomAccessFile(path.toFile(), readOnly ? "r" : "rw");
        } catch (FileNotFoundException refused) {
            Path parent = path.getParent();
            if (parent != null && !Files.exists(parent)) throw new NoSuchFileException(path.toString());
            throw refused;
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer source, long position) throws IOException {
        int limit = source.limit();
        long at = position;
        try {
            while (source.position() < limit) {
                int left = limit - source.position();
                source.limit(source.isDirect() ? limit : source.position() + Math.min(left, HEAP_WRITE_BYTES_MAX));
                at += channel.write(source, at);
            }
        } finally {
            source.limit(limit);
        }
    }

    /// The channel's own position is free for this: all else is positional, and a file has one writer.
    private static void gatherAll(FileChannel channel, ByteBuffer[] sources, long position) throws IOException {
        channel.position(position);
        int first = 0;
        while (true) {
            while (first < sources.length && !sources[first].hasRemaining()) first++;
            if (first == sources.length) return;
            channel.write(sources, first, sources.length - first);
        }
    }
}
