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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `partition.metadata`: which topic's partition the folder holds, so that no data appears under a topic of the same
/// name that was created later.
public final class PartitionMetadataFile {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionMetadataFile.class);
    private static final String TOPIC_ID = "topic_id:";

    private PartitionMetadataFile() {}

    /// [Uuid#ZERO] where the file is missing, or torn because a power cut came before its bytes were on the disk.
    public static Uuid read(Disk disk, Path file) throws IOException {
        byte[] content;
        try {
            content = disk.readAll(file);
        } catch (NoSuchFileException missing) {
            return Uuid.ZERO;
        }
        for (String line : new String(content, StandardCharsets.UTF_8).lines().toList()) {
            if (line.startsWith(TOPIC_ID))
                return parse(line.substring(TOPIC_ID.length()).strip(), file);
        }
        LOG.warn("{} names no topic id", file);
        return Uuid.ZERO;
    }

    private static Uuid parse(String id, Path file) {
        try {
            return Uuid.parse(id);
        } catch (IllegalArgumentException notOne) {
            LOG.warn("{} has '{}' for a topic id", file, id);
            return Uuid.ZERO;
        }
    }

    /// Makes what was written last.
    public static void force(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) return;
        try (DiskFile target = disk.open(file, Access.READ_WRITE)) {
            target.force();
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
