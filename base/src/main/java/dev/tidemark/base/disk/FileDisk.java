package dev.tidemark.base.disk;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The machine's file system. Stateless: one instance serves every folder.
public final class FileDisk implements Disk {
    private static final Pattern OPEN_FILES = Pattern.compile("^Max open files +(\\S+)");
    private static final long OPEN_FILES_DEFAULT = 1024;

    @Override
    public DiskFile open(Path file, Access access) throws IOException {
        return RealFile.open(file, access);
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    /// `File.list` is one pass over the names, without the attributes that `Files.list` prepares for.
    @Override
    public List<String> list(Path directory) throws IOException {
        File folder = directory.toFile();
        String[] names = folder.list();
        if (names == null) {
            if (!folder.exists()) throw new NoSuchFileException(directory.toString());
            throw new IOException("cannot list " + directory);
        }
        Arrays.sort(names);
        return List.of(names);
    }

    @Override
    public long sizeBytes(Path file) throws IOException {
        return Files.size(file);
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    @Override
    public void setLastModifiedMs(Path file, long wallMs) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(wallMs));
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public boolean delete(Path file) throws IOException {
        return Files.deleteIfExists(file);
    }

    @Override
    public void deleteRecursively(Path directory) throws IOException {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            for (String name : list(directory)) deleteRecursively(directory.resolve(name));
        }
        Files.deleteIfExists(directory);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        Interrupts.without(() -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        });
    }

    @Override
    public boolean forceAll(Path directory) throws IOException {
        return FileSystemForce.INSTANCE.force(directory);
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        try (DiskFile source = open(file, Access.READ)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(source.sizeBytes()));
            int read = source.read(content, 0);
            return read == content.capacity() ? content.array() : Arrays.copyOf(content.array(), read);
        }
    }

    /// As `/proc` has it; elsewhere what a process gets by default.
    @Override
    public long openFilesMax() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                Matcher limit = OPEN_FILES.matcher(line);
                if (!limit.find()) continue;
                return limit.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit.group(1));
            }
        } catch (IOException noSuchSystem) {
            // What follows is safe anywhere.
        }
        return OPEN_FILES_DEFAULT;
    }

    @Override
    public Space space(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        return new Space(store.getUsableSpace(), store.getTotalSpace());
    }
}
