package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.storage.epoch.EpochEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
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
        disk.replaceAtomically(file, content(entries));
    }

    private static ByteBuffer content(List<EpochEntry> entries) {
        StringBuilder lines = new StringBuilder();
        for (EpochEntry entry : entries) {
            lines.append(entry.epoch()).append(' ').append(entry.startOffset()).append('\n');
        }
        return CheckpointText.format(entries.size(), lines);
    }

    /// The first half of [#write]: the new content lies beside the file, and is to be forced before
    /// [#replace].
    public static void writeBeside(Disk disk, Path file, List<EpochEntry> entries) throws IOException {
        try (DiskFile target = disk.open(beside(file), Access.READ_WRITE)) {
            target.truncate(0);
            target.write(content(entries), 0);
        }
    }

    /// The second half, which lasts once the folder was forced.
    public static void replace(Disk disk, Path file) throws IOException {
        disk.rename(beside(file), file);
    }

    /// What [Disk#replaceAtomically] uses too: a restart removes it.
    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }
}
