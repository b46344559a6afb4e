package dev.tidemark.storage.recovery;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.LeaderEpochCheckpointFile;
import dev.tidemark.storage.checkpoint.PartitionMetadataFile;
import dev.tidemark.storage.epoch.LeaderEpochs;
import dev.tidemark.storage.log.LoadedLog;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.ProducerReplay;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a partition's folder: cheaply after a clean stop, with a walk over what lies behind the recovery point after
/// any other. Owner: one thread.
public final class LogLoader {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

    /// What the directory's checkpoints say of a partition; 0 where they say nothing.
    ///
    /// @param isClean whether the last stop was clean: the recovery point is the log end offset then
    /// @param isCompactionCheckpointed whether compaction can have left no gap behind the recovery point
    /// @param wasCompacted whether compaction may have left gaps, whatever the topic's policy is now
    public record Checkpointed(
            boolean isClean,
            boolean isCompactionCheckpointed,
            long recoveryPoint,
            long logStartOffset,
            long highWatermark,
            boolean wasCompacted) {}

    private final PartitionFolder folder;
    private final Disk disk;
    private final TopicPartition topicPartition;
    private final LogConfig config;
    private final Checkpointed checkpointed;
    private final Supplier<ByteBuffer> buffer;
    private final long wallMs;

    /// @param buffer to read batches into, asked for only when there is something to recover
    public LogLoader(
            PartitionFolder folder,
            TopicPartition topicPartition,
            LogConfig config,
            Checkpointed checkpointed,
            Supplier<ByteBuffer> buffer,
            long wallMs) {
        this.folder = folder;
        this.disk = folder.disk();
        this.topicPartition = topicPartition;
        this.config = config;
        this.checkpointed = checkpointed;
        this.buffer = buffer;
        this.wallMs = wallMs;
    }

    /// A log that is made now, in a folder that is empty.
    public static LoadedLog fresh(PartitionFolder folder, TopicPartition topicPartition, Uuid topicId, long wallMs) {
        return new LoadedLog(
                topicPartition,
                topicId,
                folder,
                List.of(LogSegment.create(folder, 0, wallMs)),
                0,
                0,
                0,
                0,
                LeaderEpochs.NONE,
                LeaderEpochs.NONE,
                new ProducerStates(0),
                new ProducerHistory(folder, List.of()),
                false);
    }

    public LoadedLog load() throws IOException {
        List<String> names = new Leftovers(folder).settle();
        Uuid topicId = names.contains(FileNames.PARTITION_METADATA)
                ? PartitionMetadataFile.read(disk, folder.resolve(FileNames.PARTITION_METADATA))
                : Uuid.ZERO;
        List<LogSegment> segments = openSegments(names);
        ProducerHistory history = new ProducerHistory(folder, snapshotOffsets(names));
        new TransactionIndexes(folder, wallMs).mend(names, segments, history);
        Epochs epochs = readEpochs(names, segments);
        if (checkpointed.isClean) {
            try {
                return afterCleanStop(topicId, segments, history, epochs);
            } catch (IOException damaged) {
                LOG.error(
                        "{} does not hold what a clean stop left, so it is recovered: {}",
                        folder.path(),
                        damaged.getMessage());
                segments = openSegments(names);
            }
        }
        return recovered(topicId, segments, history, epochs);
    }

    /// As they are, and as the checkpoint has them: nothing where it is missing or damaged.
    private record Epochs(LeaderEpochs known, LeaderEpochs onDisk) {}

    // ---- what is there

    private List<LogSegment> openSegments(List<String> names) throws IOException {
        TreeMap<Long, LogSegment> byOffset = new TreeMap<>();
        for (String name : names) {
            OptionalLong offset = FileNames.offset(name);
            if (offset.isEmpty() || !name.endsWith(FileNames.LOG)) continue;
            int size = Math.toIntExact(disk.sizeBytes(folder.resolve(name)));
            byOffset.put(offset.getAsLong(), LogSegment.open(folder, offset.getAsLong(), size, wallMs));
        }
        deleteOrphans(names, byOffset);
        List<LogSegment> segments = new ArrayList<>(byOffset.values());
        if (segments.isEmpty()) {
            long end = Math.max(checkpointed.logStartOffset, checkpointed.isClean ? checkpointed.recoveryPoint : 0);
            segments.add(LogSegment.create(folder, end, wallMs));
        }
        return withoutEmptyOnes(segments);
    }

    /// Indexes without their log would be taken for those of a segment that begins there later.
    private void deleteOrphans(List<String> names, Map<Long, LogSegment> segments) throws IOException {
        for (String name : names) {
            OptionalLong offset = FileNames.offset(name);
            boolean isIndex = name.endsWith(FileNames.INDEX)
                    || name.endsWith(FileNames.TIME_INDEX)
                    || name.endsWith(FileNames.TXN_INDEX);
            if (isIndex && offset.isPresent() && !segments.containsKey(offset.getAsLong())) {
                LOG.warn("{} has no log and is deleted", folder.resolve(name));
                disk.delete(folder.resolve(name));
            }
        }
    }

    /// Only the last segment may be empty, and one whose bytes a power cut took while it left later ones: behind it is
    /// a gap. And the first one, which compaction has left without records: its name tells where the log starts.
    private List<LogSegment> withoutEmptyOnes(List<LogSegment> segments) throws IOException {
        List<LogSegment> kept = new ArrayList<>();
        for (LogSegment segment : segments) {
            boolean isAtAnEnd = segment == segments.getFirst() || segment == segments.getLast();
            if (segment.isEmpty() && !isAtAnEnd && !isCutEmpty(segment)) segment.delete();
            else kept.add(segment);
        }
        return kept;
    }

    private boolean isCutEmpty(LogSegment segment) {
        return !checkpointed.isClean && !mayHaveGaps() && segment.baseOffset() >= checkpointed.recoveryPoint;
    }

    private static List<Long> snapshotOffsets(List<String> names) {
        List<Long> offsets = new ArrayList<>();
        for (String name : names) {
            OptionalLong offset = FileNames.offset(name);
            if (offset.isPresent() && name.endsWith(FileNames.SNAPSHOT)) offsets.add(offset.getAsLong());
        }
        return offsets;
    }

    /// The checkpoint's epochs; where it is missing or damaged, those of the batches.
    private Epochs readEpochs(List<String> names, List<LogSegment> segments) throws IOException {
        boolean isEmpty = segments.size() == 1 && segments.getFirst().isEmpty();
        if (names.contains(FileNames.LEADER_EPOCH_CHECKPOINT)) {
            try {
                LeaderEpochs read = LeaderEpochs.of(
                        LeaderEpochCheckpointFile.read(disk, folder.resolve(FileNames.LEADER_EPOCH_CHECKPOINT)));
                return new Epochs(read, read);
            } catch (IOException damaged) {
                LOG.warn("The leader epochs are taken from the batches: {}", damaged.getMessage());
            }
        }
        return new Epochs(isEmpty ? LeaderEpochs.NONE : epochsOfBatches(segments), LeaderEpochs.NONE);
    }

    private static LeaderEpochs epochsOfBatches(List<LogSegment> segments) throws IOException {
        LeaderEpochs epochs = LeaderEpochs.NONE;
        long end = segments.getFirst().baseOffset();
        for (LogSegment segment : segments) {
            BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
            while (cursor.next()) {
                int epoch = cursor.header().leaderEpoch();
                if (epoch >= 0) epochs = epochs.withStart(epoch, end);
                end = cursor.header().nextOffset();
            }
        }
        return epochs;
    }

    // ---- opening

    private LoadedLog afterCleanStop(Uuid topicId, List<LogSegment> segments, ProducerHistory history, Epochs epochs)
            throws IOException {
        LogSegment active = segments.getLast();
        long end = active.isEmpty() ? active.baseOffset() : active.resumeFromIndexes();
        history.deleteAbove(end);
        ProducerStates producers = history.isEmpty() && !endsWithProducer(active, end)
                ? new ProducerStates(end)
                : ProducerReplay.upTo(segments, history, segments.getFirst().baseOffset(), end, wallMs);
        return loaded(topicId, segments, history, epochs.known, epochs.onDisk, producers, end, end);
    }

    /// Then there were producers, whose snapshots are lost.
    private static boolean endsWithProducer(LogSegment active, long end) throws IOException {
        if (active.isEmpty()) return false;
        BatchCursor last = active.seek(end - 1, active.sizeInBytes());
        return last.size() > 0 && last.header().hasProducerId();
    }

    private LoadedLog recovered(Uuid topicId, List<LogSegment> segments, ProducerHistory history, Epochs epochs)
            throws IOException {
        if (segments.size() == 1 && segments.getFirst().isEmpty()) {
            return afterCleanStop(topicId, segments, history, epochs);
        }
        long from = checkpointed.recoveryPoint;
        int first = segments.size() - 1;
        while (first > 0 && segments.get(first).baseOffset() > from) first--;
        SegmentRecovery recovery = new SegmentRecovery(
                buffer.get(),
                config.indexIntervalBytes(),
                // What comes from there on is looked at; the checkpoint may tell of records that were cut since.
                epochs.known.truncatedToEnd(from),
                producersBefore(segments, history, from),
                offset -> statesAt(segments, history, offset),
                wallMs);
        List<LogSegment> kept = new ArrayList<>(segments.subList(0, first));
        for (int i = first; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            if (i > first && isGap(recovery.nextOffset(), segment)) {
                deleteBehind(segments.subList(i, segments.size()));
                break;
            }
            kept.add(segment);
            boolean isSound = recovery.recover(segment, Math.max(from, segment.baseOffset()));
            if (!isSound) {
                if (i + 1 < segments.size()) deleteBehind(segments.subList(i + 1, segments.size()));
                break;
            }
            if (i < segments.size() - 1) segment.sealRecovered();
        }
        return finished(topicId, kept, history, epochs.onDisk, recovery);
    }

    /// A power cut can take a file, or the end of one, and leave a later one. Below the recovery point gaps are what
    /// compaction left.
    private boolean isGap(long nextOffset, LogSegment segment) {
        return !mayHaveGaps() && nextOffset >= checkpointed.recoveryPoint && segment.baseOffset() != nextOffset;
    }

    private boolean mayHaveGaps() {
        return !checkpointed.isCompactionCheckpointed && (config.compact() || checkpointed.wasCompacted);
    }

    /// As of the recovery point at most, so that the walk takes in the rest.
    private ProducerStates producersBefore(List<LogSegment> segments, ProducerHistory history, long from)
            throws IOException {
        long start = segments.getFirst().baseOffset();
        if (from <= start) return history.latest(start, Long.MAX_VALUE, wallMs);
        ProducerStates newest = history.latest(start, Long.MAX_VALUE, wallMs);
        if (newest.endOffset() >= from) return newest;
        try {
            return ProducerReplay.upTo(segments, history, start, from, wallMs);
        } catch (IOException damaged) {
            LOG.error(
                    "{}: producers are known only as of offset {}: {}",
                    folder.path(),
                    newest.endOffset(),
                    damaged.getMessage());
            return newest;
        }
    }

    /// For the transaction index, which is made anew from there on.
    private ProducerStates statesAt(List<LogSegment> segments, ProducerHistory history, long offset) {
        try {
            return ProducerReplay.upTo(segments, history, segments.getFirst().baseOffset(), offset, wallMs);
        } catch (IOException damaged) {
            LOG.error(
                    "{}: transactions open at offset {} are not known: {}",
                    folder.path(),
                    offset,
                    damaged.getMessage());
            return new ProducerStates(offset);
        }
    }

    private void deleteBehind(List<LogSegment> segments) throws IOException {
        for (LogSegment segment : segments) {
            LOG.error(
                    "{} lies behind the damage and is deleted: {} bytes",
                    segment.log().path(),
                    segment.sizeInBytes());
            segment.delete();
        }
        // Or the next power cut may bring them back, behind other records.
        disk.forceDirectory(folder.path());
    }

    private LoadedLog finished(
            Uuid topicId,
            List<LogSegment> segments,
            ProducerHistory history,
            LeaderEpochs epochsOnDisk,
            SegmentRecovery recovery)
            throws IOException {
        long end = recovery.nextOffset();
        if (end < checkpointed.recoveryPoint) {
            LOG.error(
                    "{} ends at offset {} although all up to {} was forced to the disk",
                    folder.path(),
                    end,
                    checkpointed.recoveryPoint);
        }
        if (history.deleteAbove(end)) disk.forceDirectory(folder.path());
        ProducerStates producers = recovery.producers();
        if (producers.endOffset() > end) {
            producers =
                    ProducerReplay.upTo(segments, history, segments.getFirst().baseOffset(), end, wallMs);
        }
        producers.advanceTo(end);
        LeaderEpochs epochs = recovery.epochs().truncatedToEnd(end);
        long recoveryPoint = Math.min(end, checkpointed.recoveryPoint);
        return loaded(topicId, segments, history, epochs, epochsOnDisk, producers, end, recoveryPoint);
    }

    /// Whose folder no stop has forced yet.
    private static boolean isWithoutRecords(List<LogSegment> segments) {
        return segments.size() == 1 && segments.getFirst().isEmpty();
    }

    private LoadedLog loaded(
            Uuid topicId,
            List<LogSegment> segments,
            ProducerHistory history,
            LeaderEpochs epochs,
            LeaderEpochs epochsOnDisk,
            ProducerStates producers,
            long end,
            long recoveryPoint)
            throws IOException {
        long start = Math.min(
                end, Math.max(checkpointed.logStartOffset, segments.getFirst().baseOffset()));
        long highWatermark = Math.max(start, Math.min(end, checkpointed.highWatermark));
        producers.onHighWatermark(highWatermark);
        history.settle(segments.stream().map(LogSegment::baseOffset).collect(Collectors.toSet()));
        return new LoadedLog(
                topicPartition,
                topicId,
                folder,
                segments,
                start,
                end,
                recoveryPoint,
                highWatermark,
                epochs.truncatedToStart(start),
                epochsOnDisk,
                producers,
                history,
                checkpointed.isClean && !isWithoutRecords(segments));
    }
}
