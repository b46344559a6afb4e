package dev.tidemark.base.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// The seam to the file system: real files in production, memory that loses unforced bytes, tears writes and fails on
/// demand in the simulator. All methods may block and may be called from any thread.
public interface Disk {
    enum Access {
        /// The file must exist.
        READ,
        /// Created if it is missing.
        READ_WRITE
    }

    /// A file that was created lasts only once its parent was forced: [#forceDirectory].
    ///
    /// @throws java.nio.file.NoSuchFileException if the file is missing (READ) or its folder is (both)
    DiskFile open(Path file, Access access) throws IOException;

    boolean exists(Path path);

    boolean isDirectory(Path path);

    /// The names in `directory`, sorted.
    List<String> list(Path directory) throws IOException;

    long sizeBytes(Path file) throws IOException;

    long lastModifiedMs(Path file) throws IOException;

    void setLastModifiedMs(Path file, long wallMs) throws IOException;

    /// Creates `directory` and the folders above it where they are missing. Each lasts only once its parent was forced.
    void createDirectories(Path directory) throws IOException;

    /// Moves atomically, over a file that is there. Lasting only once the parent was forced: [#forceDirectory].
    void rename(Path from, Path to) throws IOException;

    /// Deletes a file or an empty folder; an open file stays readable for those who have it open.
    ///
    /// @return whether there was something to delete
    boolean delete(Path file) throws IOException;

    /// Deletes `directory` and all below it; nothing happens if it is missing.
    void deleteRecursively(Path directory) throws IOException;

    /// Makes creations, renames and deletions in `directory` last.
    void forceDirectory(Path directory) throws IOException;

    /// Makes everything last that was written so far to the file system of `directory`, bytes and
    /// names, whoever wrote it: for many files much cheaper than each by itself. After a failure
    /// nothing may be assumed of any of them.
    ///
    /// @return false where there is no such call; nothing was forced then
    boolean forceAll(Path directory) throws IOException;

    byte[] readAll(Path file) throws IOException;

    /// How many files the process may have open, sockets included.
    long openFilesMax();

    /// Bytes that may still be written in the file system of `directory`, and its size.
    Space space(Path directory) throws IOException;

    record Space(long usableBytes, long totalBytes) {}

    /// Replaces `file` so that after a crash it holds either the old or the new content whole: writes beside it,
    /// forces, renames, forces the folder.
    default void replaceAtomically(Path file, ByteBuffer content) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".tmp");
        try (DiskFile target = open(beside, Access.READ_WRITE)) {
            target.truncate(0);
            target.write(content, 0);
            target.force();
        }
        rename(beside, file);
        Path parent = file.getParent();
        if (parent != null) forceDirectory(parent);
    }
}
