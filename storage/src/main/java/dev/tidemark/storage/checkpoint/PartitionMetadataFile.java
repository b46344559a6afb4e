package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// `partition.metadata`: which topic's partition the folder holds, so that no data appears under a topic of the same
/// name that was created later.
public final class PartitionMetadataFile {
    private static final String TOPIC_ID = "topic_id:";

    private PartitionMetadataFile() {}

    /// [Uuid#ZERO] where the file is missing, or empty because a power cut came before its bytes were on the disk.
    ///
    /// @throws IOException if it cannot be read or holds something else
    public static Uuid read(Disk disk, Path file) throws IOException {
        byte[] content;
        try {
            content = disk.readAll(file);
        } catch (NoSuchFileException missing) {
            return Uuid.ZERO;
        }
        if (isBlank(content)) return Uuid.ZERO;
        for (String line : new String(content, StandardCharsets.UTF_8).lines().toList()) {
            if (line.startsWith(TOPIC_ID))
                return parse(line.substring(TOPIC_ID.length()).strip(), file);
        }
        throw new IOException(file + " names no topic id");
    }

    private static boolean isBlank(byte[] content) {
        for (byte b : content) if (b != 0) return false;
        return true;
    }

    private static Uuid parse(String id, Path file) throws IOException {
        try {
            return Uuid.parse(id);
        } catch (IllegalArgumentException notOne) {
            throw new IOException(file + " has '" + id + "' for a topic id", notOne);
        }
    }

    /// Not forced: a partition's creation must be cheap, and a reader takes the empty file of a power cut as a missing
    /// one.
    public static void write(Disk disk, Path file, Uuid topicId) throws IOException {
        byte[] content = ("version: 0\n" + TOPIC_ID + " " + topicId + "\n").getBytes(StandardCharsets.UTF_8);
        try (DiskFile target = disk.open(file, Access.READ_WRITE)) {
            target.write(ByteBuffer.wrap(content), 0);
        }
    }
}
