package dev.tidemark.storage.directory;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.CleanedOffsets;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files with one offset for each partition of a directory. Owner: one thread at a time, by this monitor.
final class DirectoryCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryCheckpoints.class);

    /// As they were found.
    ///
    /// @param compacted the logs that were compacted at some time; empty where that is not known
    record Found(
            Map<TopicPartition, Long> recoveryPoints,
            Map<TopicPartition, Long> logStartOffsets,
            Map<TopicPartition, Long> highWatermarks,
            Optional<Set<TopicPartition>> compacted) {
        static final Found NOTHING = new Found(Map.of(), Map.of(), Map.of(), Optional.of(Set.of()));

        boolean mayBeCompacted(TopicPartition partition) {
            return compacted.map(known -> known.contains(partition)).orElse(true);
        }
    }

    private final OffsetCheckpointFile recoveryPoints;
    private final OffsetCheckpointFile logStartOffsets;
    private final OffsetCheckpointFile highWatermarks;
    private final CleanedOffsets cleaned;

    private Found found = Found.NOTHING;
    private volatile boolean isWritingRecoveryPoints;

    DirectoryCheckpoints(Disk disk, Path directory) {
        recoveryPoints = new OffsetCheckpointFile(disk, directory.resolve(OffsetCheckpointFile.RECOVERY_POINT));
        logStartOffsets = new OffsetCheckpointFile(disk, directory.resolve(OffsetCheckpointFile.LOG_START_OFFSET));
        highWatermarks = new OffsetCheckpointFile(disk, directory.resolve(OffsetCheckpointFile.HIGH_WATERMARK));
        cleaned = new CleanedOffsets(new OffsetCheckpointFile(disk, directory.resolve(OffsetCheckpointFile.CLEANER)));
    }

    /// The cleaner's.
    CleanedOffsets cleaned() {
        return cleaned;
    }

    synchronized Found read() {
        found = new Found(
                offsetsIn(recoveryPoints), offsetsIn(logStartOffsets), offsetsIn(highWatermarks), compacted());
        return found;
    }

    /// A checkpoint that cannot be read costs time only: the logs are recovered from their begin.
    private static Map<TopicPartition, Long> offsetsIn(OffsetCheckpointFile file) {
        try {
            return file.read();
        } catch (IOException damaged) {
            LOG.error("A checkpoint is ignored: {}", damaged.getMessage());
            return Map.of();
        }
    }

    private Optional<Set<TopicPartition>> compacted() {
        try {
            return Optional.of(cleaned.read());
        } catch (IOException damaged) {
            LOG.warn("Compaction begins anew, its checkpoint is ignored: {}", damaged.getMessage());
            return Optional.empty();
        }
    }

    /// Writes those that changed. High watermarks go first: one that is too low only hides records for a moment.
    ///
    /// @param unopened logs that lie here as they were found: what was known of them stays, but for the
    ///     recovery point, so that they are looked at whole
    synchronized void write(Collection<PartitionLog> logs, Collection<TopicPartition> unopened) throws IOException {
        Map<TopicPartition, Long> committed = offsets(logs, PartitionLog::highWatermark);
        keep(found.highWatermarks, unopened, committed);
        highWatermarks.write(committed);
        writeRecoveryPoints(logs);
        Map<TopicPartition, Long> starts = new HashMap<>();
        for (PartitionLog log : logs) {
            long start = log.snapshot().logStartOffset();
            // Also where a segment begins there: the files of those before may not be gone yet.
            if (start > 0) starts.put(log.topicPartition(), start);
        }
        keep(found.logStartOffsets, unopened, starts);
        logStartOffsets.write(starts);
        cleaned.write();
    }

    private static void keep(
            Map<TopicPartition, Long> found, Collection<TopicPartition> unopened, Map<TopicPartition, Long> offsets) {
        for (TopicPartition partition : unopened) {
            Long before = found.get(partition);
            if (before != null) offsets.put(partition, before);
        }
    }

    /// Behind the recovery point nobody looks for damage: it must not say more than is true once the log grows again.
    synchronized void lowerRecoveryPoint(PartitionLog log, Collection<PartitionLog> logs) throws IOException {
        if (recoveryPoints.onDisk(log.topicPartition()) > log.recoveryPoint()) writeRecoveryPoints(logs);
    }

    /// Whether the disk may say more than the log's recovery point, which was lowered just now. Waits for nobody.
    boolean isRecoveryPointAhead(PartitionLog log) {
        return isWritingRecoveryPoints || recoveryPoints.onDisk(log.topicPartition()) > log.recoveryPoint();
    }

    private void writeRecoveryPoints(Collection<PartitionLog> logs) throws IOException {
        // Before they are taken: who lowers one of them afterwards sees this, or it is taken as lowered.
        isWritingRecoveryPoints = true;
        try {
            recoveryPoints.write(offsets(logs, PartitionLog::recoveryPoint));
        } finally {
            isWritingRecoveryPoints = false;
        }
    }

    /// Behind the recovery point a gap between segments is damage: what leaves one on purpose must lie before it.
    synchronized void raiseRecoveryPoint(PartitionLog log, Collection<PartitionLog> logs) throws IOException {
        if (recoveryPoints.onDisk(log.topicPartition()) != log.recoveryPoint()) writeRecoveryPoints(logs);
    }

    /// Before a log of this name begins: what is told of an earlier one, whose topic is gone, would be taken for what
    /// is known of the new one.
    ///
    /// @param logs all others, as for [#write]
    synchronized void forget(
            TopicPartition partition, Collection<PartitionLog> logs, Collection<TopicPartition> unopened)
            throws IOException {
        boolean isTold = highWatermarks.onDisk(partition) > 0
                || recoveryPoints.onDisk(partition) > 0
                || logStartOffsets.onDisk(partition) > 0;
        cleaned.forget(partition);
        cleaned.write();
        if (isTold) write(logs, unopened);
    }

    private static Map<TopicPartition, Long> offsets(Collection<PartitionLog> logs, ToLongFunction<PartitionLog> of) {
        Map<TopicPartition, Long> offsets = HashMap.newHashMap(logs.size());
        for (PartitionLog log : logs) offsets.put(log.topicPartition(), of.applyAsLong(log));
        return offsets;
    }
}
