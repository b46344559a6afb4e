package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The file that says that all is on the disk: the last thing that is written at a stop, the first that goes at a
/// start.
final class CleanStop {
    private static final String NAME = ".kafka_cleanshutdown";
    private static final String CONTENT = "{\"version\":0,\"brokerEpoch\":-1}";

    private final Disk disk;
    private final Path directory;

    CleanStop(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    private Path file() {
        return directory.resolve(NAME);
    }

    boolean isMarked() {
        return disk.exists(file());
    }

    void mark() throws IOException {
        try (DiskFile marker = disk.open(file(), Access.READ_WRITE)) {
            marker.write(ByteBuffer.wrap(CONTENT.getBytes(StandardCharsets.UTF_8)), 0);
            marker.force();
        }
        disk.forceDirectory(directory);
    }

    /// From now on a crash is a crash. Forced also where there is none: an earlier start may have
    /// deleted it and failed to force that.
    void unmark() throws IOException {
        disk.delete(file());
        disk.forceDirectory(directory);
    }
}
