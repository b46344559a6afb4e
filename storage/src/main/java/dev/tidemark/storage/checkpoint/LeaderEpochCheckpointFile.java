package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.epoch.EpochEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `leader-epoch-checkpoint`: lines of `epoch startOffset`.
public final class LeaderEpochCheckpointFile {
    private LeaderEpochCheckpointFile() {}

    /// @throws IOException if it cannot be read or is damaged
    public static List<EpochEntry> read(Disk disk, Path file) throws IOException {
        List<EpochEntry> entries = new ArrayList<>();
        for (String line : CheckpointText.lines(disk.readAll(file), file.toString())) {
            String[] parts = line.strip().split(" ");
            if (parts.length != 2) throw new IOException(file + " has a line that is not an entry: " + line);
            int epoch = Math.toIntExact(CheckpointText.number(parts[0], file.toString()));
            entries.add(new EpochEntry(epoch, CheckpointText.number(parts[1], file.toString())));
        }
        return entries;
    }

    public static void write(Disk disk, Path file, List<EpochEntry> entries) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (EpochEntry entry : entries) {
            lines.append(entry.epoch()).append(' ').append(entry.startOffset()).append('\n');
        }
        disk.replaceAtomically(file, CheckpointText.format(entries.size(), lines));
    }
}
