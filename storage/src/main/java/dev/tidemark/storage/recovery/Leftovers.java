package dev.tidemark.storage.recovery;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.PartitionFolder;
import dev.tidemark.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a partition's folder in order before it is opened: deletes what was on its way out or half written, and
/// finishes replacements of segments that were complete (`.swap`), as Kafka does.
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final String TEMPORARY = ".tmp";

    private final PartitionFolder folder;
    private final Disk disk;

    Leftovers(PartitionFolder folder) {
        this.folder = folder;
        this.disk = folder.disk();
    }

    /// The names of the files that remain.
    List<String> settle() throws IOException {
        List<String> names = disk.list(folder.path());
        if (names.stream().noneMatch(Leftovers::isLeftover)) return names;
        long firstCleaned = firstOffsetOf(names, FileNames.CLEANED);
        for (String name : names) {
            boolean worthless =
                    name.endsWith(FileNames.DELETED) || name.endsWith(FileNames.CLEANED) || name.endsWith(TEMPORARY);
            // A swap at or above a cleaned one belongs to a set that never became complete.
            boolean incomplete = name.endsWith(FileNames.SWAP) && offsetOf(name) >= firstCleaned;
            if (worthless || incomplete) delete(name);
        }
        // What else a power cut brings back goes again then: one force for each such folder would make starts slow.
        if (names.stream().anyMatch(name -> name.endsWith(FileNames.SWAP))) {
            finishSwaps();
            disk.forceDirectory(folder.path());
        }
        return disk.list(folder.path());
    }

    private static boolean isLeftover(String name) {
        return name.endsWith(FileNames.DELETED)
                || name.endsWith(FileNames.CLEANED)
                || name.endsWith(FileNames.SWAP)
                || name.endsWith(TEMPORARY);
    }

    private static long offsetOf(String name) {
        return FileNames.offset(name).orElse(Long.MAX_VALUE);
    }

    private static long firstOffsetOf(List<String> names, String mark) {
        long first = Long.MAX_VALUE;
        for (String name : names) if (name.endsWith(mark)) first = Math.min(first, offsetOf(name));
        return first;
    }

    private void finishSwaps() throws IOException {
        List<String> names = disk.list(folder.path());
        List<String> swaps = new ArrayList<>();
        for (String name : names) if (name.endsWith(FileNames.SWAP)) swaps.add(name);
        for (String swap : swaps) {
            if (swap.endsWith(FileNames.LOG + FileNames.SWAP)) deleteReplaced(swap, names);
        }
        for (String swap : swaps) {
            String name = swap.substring(0, swap.length() - FileNames.SWAP.length());
            LOG.info("{} finishes an interrupted replacement", folder.resolve(swap));
            disk.rename(folder.resolve(swap), folder.resolve(name));
        }
    }

    /// Deletes the segments whose offsets the new one covers.
    private void deleteReplaced(String swap, List<String> names) throws IOException {
        long from = offsetOf(swap);
        long end = Math.max(from + 1, endOffset(from, swap));
        for (String name : names) {
            OptionalLong offset = FileNames.offset(name);
            boolean covered = offset.isPresent() && offset.getAsLong() >= from && offset.getAsLong() < end;
            if (covered && !name.endsWith(FileNames.SWAP) && !name.endsWith(FileNames.SNAPSHOT)) delete(name);
        }
    }

    private long endOffset(long baseOffset, String swap) throws IOException {
        SegmentFile file = new SegmentFile(folder, baseOffset, FileNames.LOG + FileNames.SWAP);
        int size = Math.toIntExact(disk.sizeBytes(folder.resolve(swap)));
        BatchCursor cursor = BatchCursor.ofHeaders(file, 0, size);
        long end = baseOffset;
        while (cursor.next()) end = cursor.header().nextOffset();
        file.close();
        return end;
    }

    private void delete(String name) throws IOException {
        Path file = folder.resolve(name);
        LOG.debug("{} is a leftover", file);
        disk.delete(file);
    }
}
