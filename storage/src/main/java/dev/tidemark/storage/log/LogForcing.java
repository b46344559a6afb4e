package dev.tidemark.storage.log;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.LeaderEpochCheckpointFile;
import dev.tidemark.storage.checkpoint.PartitionMetadataFile;
import dev.tidemark.storage.epoch.LeaderEpochs;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Gets a log's bytes onto the disk beside its writer, and knows how far they are there. On the disk's executor, one
/// caller at a time; the recovery point may be asked for from any thread.
///
/// A log is forced by itself ([#force]) or with many others ([#begin]), which share the force of a whole file system.
public final class LogForcing {
    private final PartitionLog log;
    private final PartitionFolder folder;

    private final Object lock = new Object();
    /// Guarded by the lock.
    private volatile long recoveryPoint;
    /// Guarded by the lock: counts truncations, so that a force that ran beside one claims nothing.
    private long truncations;
    /// Guarded by the lock: segments to which a truncation gave a new end.
    private final Set<LogSegment> reopened = new HashSet<>();

    private final ReentrantLock turn = new ReentrantLock();

    // What follows is the forcing thread's, in its turn.
    private LeaderEpochs epochsOnDisk;
    /// Sealed segments that are on the disk with their indexes.
    private final Set<LogSegment> settled = new HashSet<>();
    private int segmentsForced;
    private long newestForced = -1;
    /// Up to here the active segment's indexes are on the disk too.
    private long completeTo = -1;
    /// A force failed, and what it was for has not been written again.
    private boolean inDoubt;
    /// A truncation is not on the disk: what was cut may come back after a power cut.
    private boolean isCutUnforced;

    LogForcing(PartitionLog log, LoadedLog loaded) {
        this.log = log;
        this.folder = loaded.folder();
        this.recoveryPoint = loaded.recoveryPoint();
        this.epochsOnDisk = loaded.epochsOnDisk();
        List<LogSegment> segments = loaded.segments();
        for (int i = 0; i < segments.size() - 1; i++) {
            // Where the recovery point lies inside of a segment, the rest of it was never forced.
            if (segments.get(i + 1).baseOffset() <= loaded.recoveryPoint()) settled.add(segments.get(i));
        }
        if (loaded.isFolderForced()) completeTo = loaded.logEndOffset();
        if (loaded.isFolderForced())
            onNamesForced(named(loaded.segments(), segments.getLast().isEmpty()));
    }

    /// All below is on the disk.
    public long recoveryPoint() {
        return recoveryPoint;
    }

    /// Writer. Before records from `offset` on go.
    ///
    /// @param end the segment that becomes the active one again
    void onTruncation(long offset, LogSegment end) {
        synchronized (lock) {
            truncations++;
            reopened.add(end);
            recoveryPoint = Math.min(recoveryPoint, offset);
        }
    }

    /// How many there were: what was read of the log before one may not be there any more, though its segments are.
    public long truncations() {
        synchronized (lock) {
            return truncations;
        }
    }

    private long truncationsUntilNow() {
        synchronized (lock) {
            if (!reopened.isEmpty()) {
                settled.removeAll(reopened);
                reopened.clear();
                completeTo = -1;
                segmentsForced = 0;
                isCutUnforced = true;
            }
            return truncations;
        }
    }

    /// Forces all that the log has now, and moves the recovery point there.
    ///
    /// @return whether the recovery point moved
    public boolean force() throws IOException {
        return inTurn(false);
    }

    /// As [#force], with the active segment's indexes: for a clean stop.
    void forceCompletely() throws IOException {
        inTurn(true);
    }

    private boolean inTurn(boolean completely) throws IOException {
        turn.lock();
        try {
            return force(completely);
        } finally {
            turn.unlock();
        }
    }

    private boolean force(boolean completely) throws IOException {
        long before = truncationsUntilNow();
        LogSnapshot now = log.snapshot();
        LeaderEpochs epochs = log.epochs();
        try {
            // The epochs of records must not last longer than what was cut before they came.
            forceSegments(now, completely);
            forceEpochs(epochs, now);
            forceNames(now, completely);
            isCutUnforced = false;
        } catch (NoSuchFileException gone) {
            if (isCurrent(now, before)) {
                inDoubt = true;
                throw gone;
            }
            return false; // A truncation or deletion took the file meanwhile; the next force sees what is left.
        } catch (IOException failure) {
            inDoubt = true;
            throw failure;
        }
        return moveRecoveryPoint(now.logEndOffset(), before);
    }

    /// Makes the names of all segments last, whatever is in them.
    public void forceNames() throws IOException {
        turn.lock();
        try {
            truncationsUntilNow();
            forceNames(log.snapshot(), false);
        } finally {
            turn.unlock();
        }
    }

    /// Begins a force that is shared with other logs: writes all that is to be forced. Until [Part#end] no other force
    /// of this log runs.
    ///
    /// @return empty if a truncation or deletion took files meanwhile: the next force sees what is left
    /// @throws IOException if a write failed, which is in doubt then; nothing has begun
    public Optional<Part> begin() throws IOException {
        turn.lock();
        boolean begun = false;
        try {
            Part part = new Part();
            begun = part.write();
            return begun ? Optional.of(part) : Optional.empty();
        } finally {
            if (!begun) turn.unlock();
        }
    }

    /// One log's part in a force of many: what [#begin] wrote is forced by the caller, then [#replaceEpochs] is called
    /// and, where that returned true, all is forced once more; then [#finish], or [#fail]; and in any
    /// case [#end], by the thread that began.
    public final class Part {
        private final long truncationsBefore = truncationsUntilNow();
        private final LogSnapshot now = log.snapshot();
        private final LeaderEpochs epochs = wantedEpochs(log.epochs(), now);
        private final boolean epochsChanged = !epochs.equals(epochsOnDisk);
        private final List<LogSegment> toSettle = new ArrayList<>();

        private Part() {}

        private boolean write() throws IOException {
            try {
                writeSegments();
                if (epochsChanged) LeaderEpochCheckpointFile.writeBeside(folder.disk(), epochsFile(), epochs.entries());
                return true;
            } catch (NoSuchFileException gone) {
                if (!isCurrent(now, truncationsBefore)) return false;
                inDoubt = true;
                throw gone;
            } catch (IOException failure) {
                inDoubt = true;
                throw failure;
            }
        }

        private void writeSegments() throws IOException {
            List<LogSegment> segments = now.segments();
            settled.retainAll(segments);
            int last = segments.size() - 1;
            segments.get(last).writeBack(false);
            for (int i = last - 1; i >= 0 && !settled.contains(segments.get(i)); i--) {
                segments.get(i).writeBack(true);
                toSettle.add(segments.get(i));
            }
        }

        /// @return whether a name changed
        public boolean replaceEpochs() throws IOException {
            if (epochsChanged) LeaderEpochCheckpointFile.replace(folder.disk(), epochsFile());
            return epochsChanged;
        }

        /// All of it is on the disk.
        public void finish() {
            isCutUnforced = false;
            settled.addAll(toSettle);
            epochsOnDisk = epochs;
            onNamesForced(named(now.segments(), now.activeSize() == 0));
            moveRecoveryPoint(now.logEndOffset(), truncationsBefore);
        }

        /// The force failed.
        public void fail() {
            inDoubt = true;
        }

        public void end() {
            turn.unlock();
        }
    }

    private boolean isCurrent(LogSnapshot snapshot, long truncationsBefore) {
        synchronized (lock) {
            return truncations == truncationsBefore && log.snapshot().segments().containsAll(snapshot.segments());
        }
    }

    private boolean moveRecoveryPoint(long offset, long truncationsBefore) {
        synchronized (lock) {
            if (truncations != truncationsBefore || offset <= recoveryPoint) return false;
            recoveryPoint = offset;
            return true;
        }
    }

    private void forceSegments(LogSnapshot now, boolean completely) throws IOException {
        List<LogSegment> segments = now.segments();
        settled.retainAll(segments);
        int last = segments.size() - 1;
        for (int i = last; i >= 0; i--) {
            LogSegment segment = segments.get(i);
            if (i == last) {
                boolean incomplete = completely && completeTo != now.logEndOffset();
                boolean isBehind = recoveryPoint < now.logEndOffset() || isCutUnforced;
                if (isBehind || incomplete) segment.force(completely);
                if (completely) completeTo = now.logEndOffset();
            } else if (settled.contains(segment)) {
                break;
            } else {
                segment.force(true);
                settled.add(segment);
            }
        }
    }

    /// Before the recovery point moves: behind it nobody looks into the batches for their epochs.
    private void forceEpochs(LeaderEpochs epochs, LogSnapshot snapshot) throws IOException {
        LeaderEpochs wanted = wantedEpochs(epochs, snapshot);
        if (wanted.equals(epochsOnDisk)) return;
        LeaderEpochCheckpointFile.write(folder.disk(), epochsFile(), wanted.entries());
        epochsOnDisk = wanted;
    }

    /// An epoch that begins at the end has no record yet, and begins there again after a restart.
    private static LeaderEpochs wantedEpochs(LeaderEpochs epochs, LogSnapshot snapshot) {
        return snapshot.logEndOffset() == 0 ? LeaderEpochs.NONE : epochs;
    }

    private Path epochsFile() {
        return folder.resolve(FileNames.LEADER_EPOCH_CHECKPOINT);
    }

    /// A force has failed before this log was opened: what is readable behind the recovery point may not be on the
    /// disk.
    public void doubt() {
        turn.lock();
        try {
            inDoubt = true;
        } finally {
            turn.unlock();
        }
    }

    /// After a force failed: writes again what was to be forced, as far as it is whole, so that the next force writes
    /// it anew instead of passing over pages that the kernel gave up.
    ///
    /// @throws IOException if that fails too, or acknowledged bytes are damaged
    public void rewriteWhatIsInDoubt() throws IOException {
        turn.lock();
        try {
            if (inDoubt) rewrite();
        } finally {
            turn.unlock();
        }
    }

    private void rewrite() throws IOException {
        LogSnapshot now = log.snapshot();
        List<LogSegment> segments = now.segments();
        for (int i = segments.size() - 1; i >= 0; i--) {
            LogSegment segment = segments.get(i);
            if (settled.contains(segment)) break;
            boolean isActive = i == segments.size() - 1;
            if (!segment.isEmpty()) segment.rewrite(recoveryPoint, isActive ? now.activeSize() : segment.sizeInBytes());
            if (segment.baseOffset() <= recoveryPoint) break;
        }
        completeTo = -1;
        epochsOnDisk = LeaderEpochs.NONE;
        segmentsForced = 0;
        inDoubt = false;
    }

    /// Without the active segment while it is empty: it may have no file yet, whose name is to be forced when it has.
    private static List<LogSegment> named(List<LogSegment> segments, boolean isActiveEmpty) {
        return isActiveEmpty ? segments.subList(0, segments.size() - 1) : segments;
    }

    private static long newest(List<LogSegment> named) {
        return named.isEmpty() ? -1 : named.getLast().baseOffset();
    }

    private void onNamesForced(List<LogSegment> named) {
        segmentsForced = named.size();
        newestForced = newest(named);
    }

    private void forceNames(LogSnapshot now, boolean completely) throws IOException {
        boolean isActiveEmpty = now.activeSize() == 0;
        List<LogSegment> named = named(now.segments(), isActiveEmpty);
        boolean news = named.size() != segmentsForced || newest(named) != newestForced;
        // At a stop the empty file's name tells the next offset.
        boolean isNextNamed = completely && isActiveEmpty && now.logEndOffset() > 0;
        if (!isNextNamed && (!news || named.isEmpty())) return;
        Disk disk = folder.disk();
        if (newestForced < 0) PartitionMetadataFile.force(disk, folder.resolve(FileNames.PARTITION_METADATA));
        disk.forceDirectory(folder.path());
        if (newestForced < 0) disk.forceDirectory(folder.path().toAbsolutePath().getParent());
        onNamesForced(named);
    }
}
