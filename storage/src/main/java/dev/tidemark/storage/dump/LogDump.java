package dev.tidemark.storage.dump;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.LeaderEpochCheckpointFile;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import dev.tidemark.storage.checkpoint.PartitionMetadataFile;
import dev.tidemark.storage.epoch.EpochEntry;
import dev.tidemark.storage.segment.FileNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Reads the files of a log directory and gives a row for each thing in them, with a `problem` for each that does not
/// fit. Opens nothing for writing, so it may look at a running broker's files; of these the newest entries of indexes
/// may be missing still. Owner: one thread.
public final class LogDump {
    /// What to show.
    ///
    /// @param records    the records, too
    /// @param textMax    how many characters of a key or value to show
    /// @param onlyProblems nothing but what is wrong
    public record Options(boolean records, int textMax, boolean onlyProblems) {
        public static final Options DEFAULT = new Options(true, 1024, false);
    }

    private final Disk disk;
    private final Options options;
    private final Consumer<DumpRow> target;
    private long problems;

    public LogDump(Disk disk, Options options, Consumer<DumpRow> target) {
        this.disk = disk;
        this.options = options;
        this.target = target;
    }

    /// Dumps a file by what its name says it is, or all files of a partition's folder.
    ///
    /// @return how many problems were found
    /// @throws IOException if a file cannot be read, or its name says nothing
    public long dump(Path path) throws IOException {
        long before = problems;
        if (disk.isDirectory(path)) dumpFolder(path);
        else dumpFile(path);
        return problems - before;
    }

    private void dumpFolder(Path folder) throws IOException {
        List<String> names = disk.list(folder).stream()
                .filter(name -> isKnown(name) && !disk.isDirectory(folder.resolve(name)))
                .sorted(Comparator.comparingLong(
                        (String name) -> FileNames.offset(name).orElse(-1)))
                .toList();
        for (String name : names) dumpFile(folder.resolve(name));
    }

    private static boolean isKnown(String name) {
        return name.endsWith(FileNames.LOG)
                || name.endsWith(FileNames.INDEX)
                || name.endsWith(FileNames.TIME_INDEX)
                || name.endsWith(FileNames.TXN_INDEX)
                || name.endsWith(FileNames.SNAPSHOT)
                || name.endsWith("-checkpoint")
                || name.equals(FileNames.PARTITION_METADATA);
    }

    private void dumpFile(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (!isKnown(name)) throw new IOException(file + " is no file of a log, by its name");
        show(new DumpRow("file").with("path", file.toString()).with("bytes", disk.sizeBytes(file)));
        try {
            if (name.endsWith(FileNames.LOG)) new SegmentDump(disk, options, this::show).dump(file);
            else if (name.endsWith(FileNames.INDEX)) indexes().offsets(file);
            else if (name.endsWith(FileNames.TIME_INDEX)) indexes().times(file);
            else if (name.endsWith(FileNames.TXN_INDEX)) indexes().aborted(file);
            else if (name.endsWith(FileNames.SNAPSHOT)) new SnapshotDump(disk, this::show).dump(file);
            else if (name.equals(FileNames.LEADER_EPOCH_CHECKPOINT)) dumpEpochs(file);
            else if (name.equals(FileNames.PARTITION_METADATA)) dumpMetadata(file);
            else dumpOffsets(file);
        } catch (IOException damaged) {
            show(problem(String.valueOf(damaged.getMessage())));
        }
    }

    private IndexDump indexes() {
        return new IndexDump(disk, this::show);
    }

    private void dumpEpochs(Path file) throws IOException {
        EpochEntry before = null;
        for (EpochEntry entry : LeaderEpochCheckpointFile.read(disk, file)) {
            show(new DumpRow("epoch").with("epoch", entry.epoch()).with("startOffset", entry.startOffset()));
            if (before != null && (entry.epoch() <= before.epoch() || entry.startOffset() < before.startOffset())) {
                show(problem("epoch " + entry.epoch() + " at offset " + entry.startOffset() + " follows epoch "
                        + before.epoch() + " at offset " + before.startOffset()));
            }
            before = entry;
        }
    }

    private void dumpMetadata(Path file) throws IOException {
        show(new DumpRow("metadata")
                .with("topicId", PartitionMetadataFile.read(disk, file).toString()));
    }

    private void dumpOffsets(Path file) throws IOException {
        Map<TopicPartition, Long> offsets = new OffsetCheckpointFile(disk, file).read();
        offsets.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .forEach(entry -> show(new DumpRow("offset")
                        .with("topic", entry.getKey().topic())
                        .with("partition", entry.getKey().partition())
                        .with("offset", entry.getValue())));
    }

    static DumpRow problem(String text) {
        return new DumpRow("problem").with("text", text);
    }

    private void show(DumpRow row) {
        if (row.isProblem()) problems++;
        if (row.isProblem() || row.kind().equals("file") || !options.onlyProblems) target.accept(row);
    }
}
