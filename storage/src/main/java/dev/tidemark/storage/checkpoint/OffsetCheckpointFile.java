package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One offset per partition, as Kafka's log directories keep them: lines of `topic partition offset`. Replaced as a
/// whole, and only when something changed. Owner: one thread at a time; [#onDisk] may be asked from any.
public final class OffsetCheckpointFile {
    public static final String RECOVERY_POINT = "recovery-point-offset-checkpoint";
    public static final String HIGH_WATERMARK = "replication-offset-checkpoint";
    public static final String LOG_START_OFFSET = "log-start-offset-checkpoint";
    public static final String CLEANER = "cleaner-offset-checkpoint";

    private final Disk disk;
    private final Path file;
    /// Null where a write is under way or failed, so that the file may have the old content or the new one.
    private volatile @Nullable Map<TopicPartition, Long> onDisk = Map.of();

    public OffsetCheckpointFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /// Empty where the file is missing.
    ///
    /// @throws IOException if it cannot be read or is damaged
    public Map<TopicPartition, Long> read() throws IOException {
        if (!disk.exists(file)) return Map.of();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (String line : CheckpointText.lines(disk.readAll(file), file.toString())) parse(line, offsets);
        onDisk = offsets;
        return offsets;
    }

    private void parse(String line, Map<TopicPartition, Long> offsets) throws IOException {
        String[] parts = line.strip().split(" ");
        if (parts.length != 3) throw new IOException(file + " has a line that is not an entry: " + line);
        int partition = Math.toIntExact(CheckpointText.number(parts[1], file.toString()));
        offsets.put(new TopicPartition(parts[0], partition), CheckpointText.number(parts[2], file.toString()));
    }

    /// What the file says of a partition at most: 0 where it says nothing, [Long#MAX_VALUE] where that is not known.
    public long onDisk(TopicPartition partition) {
        Map<TopicPartition, Long> now = onDisk;
        return now == null ? Long.MAX_VALUE : now.getOrDefault(partition, 0L);
    }

    /// Writes `offsets` unless the file has just them.
    public void write(Map<TopicPartition, Long> offsets) throws IOException {
        if (offsets.equals(onDisk)) return;
        StringBuilder lines = new StringBuilder(offsets.size() * 32);
        offsets.forEach((partition, offset) -> lines.append(partition.topic())
                .append(' ')
                .append(partition.partition())
                .append(' ')
                .append(offset.longValue())
                .append('\n'));
        onDisk = null;
        disk.replaceAtomically(file, CheckpointText.format(offsets.size(), lines));
        onDisk = Map.copyOf(offsets);
    }
}
