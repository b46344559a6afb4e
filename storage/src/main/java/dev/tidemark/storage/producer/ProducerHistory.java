package dev.tidemark.storage.producer;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The snapshot files of a partition's producers: one at the base offset of each segment that began while there were
/// producers, and the newest, which spares a restart most of the log. Any thread.
public final class ProducerHistory {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerHistory.class);

    private final PartitionFolder folder;
    /// Guarded by this monitor, as the files are.
    private final TreeSet<Long> offsets;
    /// The offset of a snapshot that belongs to no segment, -1 if there is none.
    private long floating = -1;
    private int truncations;

    public ProducerHistory(PartitionFolder folder, Collection<Long> offsets) {
        this.folder = folder;
        this.offsets = new TreeSet<>(offsets);
    }

    /// Of the snapshots that belong to no segment only the newest is kept, until the next takes its place.
    public synchronized void settle(Set<Long> segments) throws IOException {
        for (Long offset : List.copyOf(offsets)) {
            if (segments.contains(offset)) continue;
            if (floating >= 0) delete(floating);
            floating = offset;
        }
    }

    public synchronized boolean isEmpty() {
        return offsets.isEmpty();
    }

    public synchronized boolean has(long offset) {
        return offsets.contains(offset);
    }

    public synchronized List<Long> offsets() {
        return List.copyOf(offsets);
    }

    /// The producers as of the newest snapshot up to `offset` that can be read, else nobody as of `startOffset`.
    /// Damaged snapshots are deleted.
    public synchronized ProducerStates latest(long startOffset, long offset, long wallMs) throws IOException {
        while (true) {
            Long newest = offsets.floor(offset);
            if (newest == null || newest < startOffset) return new ProducerStates(startOffset);
            Path file = path(newest);
            try {
                return ProducerStates.fromSnapshot(folder.disk().readAll(file), newest, wallMs);
            } catch (CorruptSnapshotException | NoSuchFileException unusable) {
                LOG.warn("{} cannot be used, an older one is looked for: {}", file, unusable.getMessage());
                delete(newest);
            }
        }
    }

    /// Changes with each truncation.
    public synchronized int truncations() {
        return truncations;
    }

    /// Writes a snapshot, unless the log was truncated after it was taken.
    public synchronized void writeUnlessTruncated(
            int truncationsBefore, long offset, ByteBuffer content, boolean ofSegment) throws IOException {
        if (truncations == truncationsBefore) write(offset, content, ofSegment, false);
    }

    /// Writes a snapshot.
    ///
    /// @param ofSegment whether a segment begins there; another one replaces the one before of its kind
    /// @param forced    whether it must outlive a power cut; a damaged one is noticed when it is read
    public synchronized void write(long offset, ByteBuffer content, boolean ofSegment, boolean forced)
            throws IOException {
        Disk disk = folder.disk();
        Path file = path(offset);
        if (forced) {
            disk.replaceAtomically(file, content);
        } else {
            try (DiskFile target = disk.open(file, Access.READ_WRITE)) {
                target.truncate(0);
                target.write(content, 0);
            }
        }
        offsets.add(offset);
        if (ofSegment) return;
        if (floating >= 0 && floating != offset) delete(floating);
        floating = offset;
    }

    /// Deletes the snapshots below `offset`.
    public synchronized void deleteBelow(long offset) throws IOException {
        for (Long old : List.copyOf(offsets.headSet(offset))) delete(old);
    }

    /// Deletes the snapshots above `offset`: the log ends there now.
    ///
    /// @return whether there were any
    public synchronized boolean deleteAbove(long offset) throws IOException {
        truncations++;
        List<Long> above = List.copyOf(offsets.tailSet(offset, false));
        for (Long newer : above) delete(newer);
        return !above.isEmpty();
    }

    private void delete(long offset) throws IOException {
        folder.disk().delete(path(offset));
        offsets.remove(offset);
        if (floating == offset) floating = -1;
    }

    private Path path(long offset) {
        return folder.resolve(FileNames.of(offset, FileNames.SNAPSHOT));
    }
}
