package dev.tidemark.storage.directory;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.MetaPropertiesFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Makes sure that a directory is there, and belongs to this broker of this cluster.
final class DirectoryIdentity {
    private DirectoryIdentity() {}

    static void createLasting(Path directory, Disk disk) throws IOException {
        if (disk.exists(directory)) return;
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) createLasting(parent, disk);
        disk.createDirectories(directory);
        if (parent != null) disk.forceDirectory(parent);
    }

    /// Reads the directory's meta.properties, or writes what is expected there.
    ///
    /// @throws IOException also where it belongs to somebody else
    static LogDirectory.Identity readOrWrite(Path directory, LogDirectory.Identity expected, Disk disk)
            throws IOException {
        Path file = directory.resolve(MetaPropertiesFile.NAME);
        Optional<MetaPropertiesFile.Content> found = MetaPropertiesFile.read(disk, file);
        if (found.isPresent()) {
            check(file, "cluster.id", found.get().clusterId(), expected.clusterId());
            check(file, "node.id", found.get().nodeId(), String.valueOf(expected.nodeId()));
        }
        Optional<String> id = found.flatMap(MetaPropertiesFile.Content::directoryId);
        if (id.isPresent()) {
            return new LogDirectory.Identity(expected.clusterId(), expected.nodeId(), parse(file, id.get()));
        }
        MetaPropertiesFile.write(
                disk,
                file,
                expected.clusterId(),
                expected.nodeId(),
                expected.directoryId().toString());
        // The folder may be there already, made by somebody who did not force its name.
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) disk.forceDirectory(parent);
        return expected;
    }

    private static void check(Path file, String key, Optional<String> found, String expected) throws IOException {
        if (found.isEmpty() || found.get().equals(expected)) return;
        throw new IOException(file + " has " + key + "=" + found.get() + ", but this broker is of " + key + " "
                + expected + ": the folder belongs to another broker; choose another one in log.dirs");
    }

    private static Uuid parse(Path file, String id) throws IOException {
        try {
            return Uuid.parse(id);
        } catch (IllegalArgumentException notOne) {
            throw new IOException(file + " has '" + id + "' for directory.id", notOne);
        }
    }
}
