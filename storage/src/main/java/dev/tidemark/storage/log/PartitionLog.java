package dev.tidemark.storage.log;

import dev.tidemark.base.Check;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.checkpoint.PartitionMetadataFile;
import dev.tidemark.storage.epoch.LeaderEpochs;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.Verdict;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The log of one partition. Methods marked *writer* are called by the partition's serial only, one at a time; all
/// others from any thread. Made by [dev.tidemark.storage.directory.LogDirectory].
public final class PartitionLog {
    private final TopicPartition topicPartition;
    private volatile Uuid topicId;
    private final PartitionFolder folder;
    private final LogHost host;
    private final FolderWork background;
    private final LogForcing forcing;
    private volatile LogConfig config;
    private volatile LogSnapshot snapshot;
    private volatile LeaderEpochs epochs;
    private volatile long highWatermark;
    private final AtomicBoolean isDirty = new AtomicBoolean();
    private volatile boolean isClosed;

    // What follows is the writer's.
    private final LogSegments segments;
    private final LogProducers producers;
    private final LogTruncation truncation;
    private final SegmentRemoval removal;
    private final AnnouncedReplacement replacement;
    private final Supplier<LogSnapshot> newest = this::snapshot;
    private AppendChecks checks;
    private long logStartOffset;
    private long logEndOffset;
    private long recordsSinceForce;
    private long toldSegment = -1;
    /// Not between a truncation and the end of its work on the files.
    private boolean areProducersRestored = true;

    public PartitionLog(LoadedLog loaded, LogConfig config, LogHost host) {
        this.topicPartition = loaded.topicPartition();
        this.topicId = loaded.topicId();
        this.folder = loaded.folder();
        this.host = host;
        this.config = config;
        this.background = new FolderWork(host);
        this.checks = new AppendChecks(config);
        this.segments = new LogSegments(loaded.segments());
        this.producers = new LogProducers(loaded.producers(), loaded.producerHistory(), background);
        this.logStartOffset = loaded.logStartOffset();
        this.logEndOffset = loaded.logEndOffset();
        this.epochs = loaded.epochs();
        this.highWatermark = loaded.highWatermark();
        this.snapshot = takeSnapshot(producers.firstUnstableOffset());
        this.forcing = new LogForcing(this, loaded);
        this.removal = new SegmentRemoval(this, producers.history(), background);
        this.replacement = new AnnouncedReplacement(forcing, removal);
        this.truncation = new LogTruncation(this, segments, forcing, replacement, background, host);
    }

    public TopicPartition topicPartition() {
        return topicPartition;
    }

    /// [Uuid#ZERO] where the folder does not tell.
    public Uuid topicId() {
        return topicId;
    }

    /// Gives a folder that does not tell its topic's id one.
    public void assignTopicId(Uuid id) throws IOException {
        Check.that(topicId.isZero() || topicId.equals(id), "%s has topic id %s", topicPartition, topicId);
        PartitionMetadataFile.write(folder.disk(), folder.resolve(FileNames.PARTITION_METADATA), id);
        topicId = id;
    }

    public LogConfig config() {
        return config;
    }

    public PartitionFolder folder() {
        return folder;
    }

    /// The log as it is now.
    public LogSnapshot snapshot() {
        return snapshot;
    }

    private LogSnapshot takeSnapshot(long firstUnstableOffset) {
        return segments.snapshot(logStartOffset, logEndOffset, firstUnstableOffset, newest);
    }

    private void publish() {
        snapshot = takeSnapshot(firstUnstableOffset());
    }

    /// Until it is known again which transactions are open nothing is taken for stable.
    private long firstUnstableOffset() {
        return areProducersRestored ? producers.firstUnstableOffset() : logStartOffset;
    }

    // ---- appending

    /// Writer. Gives the batches their offsets, `leaderEpoch`, and the time where the topic wants it, in place in
    /// `batches`, and writes them as they are. All or nothing.
    ///
    /// @param batches whole batches between position and limit, best in direct memory; the bytes are changed, but
    ///                not position and limit; free again on return
    /// @param wallMs  now, by the wall clock
    public AppendResult appendAsLeader(ByteBuffer batches, int leaderEpoch, AppendOrigin origin, long wallMs) {
        if (!isWritable()) return offline();
        return switch (checks.ofLeader(batches, origin, wallMs)) {
            case AppendChecks.Checked.Refused(var result) -> result;
            case AppendChecks.Checked.Batches checked -> {
                AppendResult answered = checkProducers(checked.batches(), origin);
                if (answered != null) yield answered;
                stamp(checked.batches(), leaderEpoch);
                yield append(batches, checked, wallMs);
            }
        };
    }

    /// Writer. Appends what the leader of `leaderEpoch` sent, offsets and epochs as they are. A partial batch at the
    /// end is left out. Refused as of a FENCED or UNKNOWN epoch where the batches cannot have been in that leader's
    /// log.
    public AppendResult appendAsFollower(ByteBuffer batches, int leaderEpoch, long wallMs) {
        if (!isWritable()) return offline();
        return switch (checks.ofFollower(batches, logEndOffset, lastEpoch(), leaderEpoch)) {
            case AppendChecks.Checked.Refused(var result) -> result;
            case AppendChecks.Checked.Batches checked -> append(batches, checked, wallMs);
        };
    }

    /// Of the last record; without records there is none that what comes next could contradict.
    private int lastEpoch() {
        return logStartOffset == logEndOffset ? -1 : epochs.latest().orElse(-1);
    }

    private static AppendResult offline() {
        return new AppendResult.Rejected(ErrorCode.KAFKA_STORAGE_ERROR, "the log cannot be written to now");
    }

    /// Null if all may be appended.
    private @Nullable AppendResult checkProducers(List<BatchHeader> batches, AppendOrigin origin) {
        try {
            return switch (producers.check(batches, logEndOffset, origin)) {
                case Verdict.Accepted _ -> null;
                case Verdict.Duplicate(long first, long last, long timestampMs) -> {
                    boolean appendTime = config.timestampType() == TimestampType.LOG_APPEND_TIME;
                    yield new AppendResult.Duplicate(first, last, appendTime ? timestampMs : -1, logStartOffset);
                }
                case Verdict.Refused(var error, var message) -> new AppendResult.Rejected(error, message);
            };
        } catch (MalformedException malformed) {
            return new AppendResult.Rejected(ErrorCode.INVALID_RECORD, String.valueOf(malformed.getMessage()));
        }
    }

    private void stamp(List<BatchHeader> batches, int leaderEpoch) {
        long offset = logEndOffset;
        for (BatchHeader batch : batches) {
            batch.setBaseOffset(offset);
            batch.setLeaderEpoch(leaderEpoch);
            offset = batch.nextOffset();
        }
    }

    private AppendResult append(ByteBuffer bytes, AppendChecks.Checked.Batches checked, long wallMs) {
        List<BatchHeader> batches = checked.batches();
        if (batches.isEmpty()) {
            return new AppendResult.Appended(logEndOffset, logEndOffset - 1, -1, logStartOffset, 0, 0, false);
        }
        ByteBuffer write = checked.all(bytes);
        if (write.remaining() > config.segmentBytes()) {
            return new AppendResult.Rejected(
                    ErrorCode.RECORD_LIST_TOO_LARGE,
                    write.remaining() + " bytes do not fit into a segment of " + config.segmentBytes());
        }
        try {
            rollIfNeeded(write.remaining(), checked, wallMs);
            segments.active().write(write);
            return count(batches, write.remaining(), wallMs);
        } catch (IOException failure) {
            host.onFailure(failure);
            return offline();
        }
    }

    private void rollIfNeeded(int bytes, AppendChecks.Checked.Batches checked, long wallMs) throws IOException {
        List<BatchHeader> batches = checked.batches();
        LogSegment active = segments.active();
        long lastOffset = batches.getLast().lastOffset();
        if (!active.mustRollFor(bytes, lastOffset, checked.maxTimestampMs(), config, wallMs)) return;
        // The first offset, and not the log end offset: a follower's log may have a wide gap there.
        rollTo(active.isEmpty() ? batches.getFirst().baseOffset() : logEndOffset, wallMs);
    }

    /// Takes what was written into account: nothing in here waits for the disk, so nothing fails.
    private AppendResult count(List<BatchHeader> batches, int bytes, long wallMs) throws IOException {
        int records = 0;
        for (BatchHeader batch : batches) {
            // Compaction may have taken the epoch's first records: it began somewhere in the gap. No record of an older
            // epoch is in there for a replica to keep.
            if (!epochs.isLatest(batch.leaderEpoch())) toEpoch(batch.leaderEpoch(), logEndOffset);
            segments.add(batch, logEndOffset, config.indexIntervalBytes());
            var aborted = producers.apply(batch, wallMs);
            if (aborted.isPresent()) segments.active().addAborted(aborted.get());
            logEndOffset = batch.nextOffset();
            records += batch.recordCount();
        }
        producers.expire(wallMs, config.producerIdExpirationMs());
        publish();
        producers.onAppended(bytes, logEndOffset);
        return appended(batches, bytes, records);
    }

    private AppendResult appended(List<BatchHeader> batches, int bytes, int records) {
        recordsSinceForce += records;
        boolean forceNeeded = recordsSinceForce >= config.flushMessages();
        if (forceNeeded) recordsSinceForce = 0;
        host.onAppend(this, bytes);
        BatchHeader last = batches.getLast();
        return new AppendResult.Appended(
                batches.getFirst().baseOffset(),
                last.lastOffset(),
                last.isLogAppendTime() ? last.maxTimestamp() : -1,
                logStartOffset,
                bytes,
                records,
                forceNeeded);
    }

    // ---- epochs

    /// Writer. This broker leads in `leaderEpoch`, which begins at the log end offset: to be called before the first
    /// append in it. An epoch that is known already changes nothing.
    public void onBecomeLeader(int leaderEpoch) {
        toEpoch(leaderEpoch, logEndOffset);
    }

    private void toEpoch(int epoch, long startOffset) {
        if (epoch >= 0) epochs = epochs.withStart(epoch, startOffset);
    }

    public LeaderEpochs epochs() {
        return epochs;
    }

    /// The end offset of `leaderEpoch`, for OffsetForLeaderEpoch and diverging epochs.
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return epochs.endOffset(leaderEpoch, snapshot.logEndOffset());
    }

    public OptionalInt latestEpoch() {
        return epochs.latest();
    }

    // ---- watermarks and producers

    /// Writer. Tells the log the high watermark: for the checkpoint, and for the last stable offset.
    public void onHighWatermark(long newHighWatermark) {
        if (newHighWatermark == highWatermark) return;
        producers.onHighWatermark(newHighWatermark);
        if (firstUnstableOffset() != snapshot.firstUnstableOffset()) publish();
        highWatermark = newHighWatermark;
    }

    /// The high watermark told last, and after a start the one of the checkpoint.
    public long highWatermark() {
        return highWatermark;
    }

    /// The offset below which no transaction is open, at most the high watermark.
    public long lastStableOffset() {
        LogSnapshot now = snapshot; // Before the high watermark, which may pass a transaction that begins meanwhile.
        return now.lastStableOffset(highWatermark);
    }

    /// Writer. Whether the producer has a transaction open here.
    public boolean hasOpenTransaction(long producerId) {
        return producers.hasOpenTransaction(producerId);
    }

    /// Writer. The newest epoch of the producer that has written here, -1 where none is remembered.
    public short producerEpoch(long producerId) {
        return producers.epoch(producerId);
    }

    /// Writer. The producers that are remembered.
    public List<ProducerView> activeProducers(long wallMs) {
        producers.expire(wallMs, config.producerIdExpirationMs());
        return producers.views();
    }

    /// Writer. What each remembered producer wrote last.
    public Map<Long, ProducerEnd> producerEnds() {
        return producers.ends();
    }

    public ProducerHistory producerHistory() {
        return producers.history();
    }

    // ---- shape

    /// Writer.
    public void onConfigChange(LogConfig newConfig) {
        config = newConfig;
        checks = new AppendChecks(newConfig);
    }

    /// Writer. Begins a new segment unless the active one is empty.
    public void roll(long wallMs) throws IOException {
        if (!segments.active().isEmpty()) rollTo(logEndOffset, wallMs);
    }

    /// Nothing in here waits for a force: what was rolled away from is forced in the background.
    private void rollTo(long baseOffset, long wallMs) throws IOException {
        LogSegment last = segments.active();
        boolean isReplaced = last.isEmpty();
        if (!isReplaced) {
            last.cutDirtyTail(); // A restart would take it for damage, and all behind this segment for lost.
            last.seal();
            producers.snapshot(logEndOffset, true);
        }
        segments.begin(LogSegment.create(folder, baseOffset, wallMs));
        publish();
        if (isReplaced) last.delete();
    }

    /// Writer. Moves the log start offset up to `offset` (not beyond the log end offset). The segments below go in the
    /// background.
    ///
    /// @return the log start offset
    public long deleteRecordsTo(long offset) {
        long bounded = Math.min(offset, logEndOffset);
        if (bounded > logStartOffset) {
            logStartOffset = bounded;
            epochs = epochs.truncatedToStart(bounded);
            publish();
            host.onCheckpointChange();
        }
        return logStartOffset;
    }

    /// Writer. Removes the segments that lie wholly below `offset`, which the log start offset follows. The active one
    /// goes only with all others and when nothing of it is at or above `offset`: a new one begins then.
    ///
    /// @return how many went; none while the files of a truncation wait for the disk
    public int deleteSegmentsBelow(long offset, long wallMs) throws IOException {
        if (truncation.isUnfinished()) return 0;
        if (offset >= logEndOffset) roll(wallMs);
        List<LogSegment> old = segments.removeBelow(offset);
        if (old.isEmpty()) return 0;
        long firstKept = segments.first().baseOffset();
        logStartOffset = Math.max(logStartOffset, firstKept);
        epochs = epochs.truncatedToStart(logStartOffset);
        publish();
        host.onCheckpointChange();
        removal.removeFirst(old, firstKept);
        return old.size();
    }

    /// On the disk's executor. A cleaned segment is complete and forced: from now on a restart
    /// finishes its replacement of the ones it was made from, unless a truncation comes first. To be
    /// followed by [#replaceSegments] or [#settleReplacement].
    ///
    /// @param truncationsBefore as of before the ones it was made from were read
    /// @return false if the log was truncated since: nothing was done
    public boolean announceReplacement(LogSegment cleaned, long truncationsBefore) throws IOException {
        // What took the place of records that go now may lie in segments behind: it must last first. And behind the
        // recovery point a restart would take the gaps between cleaned segments for damage.
        forcing.force();
        host.raiseRecoveryPoint(this);
        if (!replacement.announce(cleaned, truncationsBefore)) return false;
        folder.disk().forceDirectory(folder.path());
        return true;
    }

    /// On the disk's executor. What was announced does not come; of what the log has taken the files get their names.
    public void settleReplacement() throws IOException {
        replacement.settle();
    }

    /// Writer. Puts the announced segment in the place of the ones it was made from; these must not be the active one.
    /// Readers have it at once. The files follow: if that fails, they do so when the disk works again.
    public void replaceSegments(LogSegment cleaned, List<LogSegment> old) throws IOException {
        segments.become(segments.replacing(old, cleaned));
        publish();
        replacement.take(old);
    }

    /// Writer. Removes all records from `offset` on. Nothing is appended before that is settled
    /// ([#settleTruncation]).
    ///
    /// @return whether there were any
    public boolean truncateTo(long offset) throws IOException {
        if (offset >= logEndOffset) {
            epochs = epochs.truncatedToEnd(offset);
            return false;
        }
        if (offset < segments.first().baseOffset()) truncateFullyAndStartAt(offset);
        else if (offset == segments.first().baseOffset()) truncation.clear(offset, false);
        else truncation.cutTo(offset);
        return true;
    }

    /// Writer. Forgets all records and producers; the next record gets `offset`.
    public void truncateFullyAndStartAt(long offset) throws IOException {
        truncation.clear(offset, true);
    }

    /// For the truncation: no record is left.
    void beginAndEndAt(long offset) {
        logStartOffset = offset;
        endAt(offset);
    }

    /// For the truncation: what follows in memory. The files follow: if that fails, this is true all the same.
    void endAt(long offset) {
        logEndOffset = offset;
        logStartOffset = Math.min(logStartOffset, offset);
        epochs = epochs.truncatedToEnd(offset).truncatedToStart(logStartOffset);
        highWatermark = Math.min(highWatermark, offset);
        areProducersRestored = false;
        publish();
    }

    /// For the truncation: the files are as they should be.
    void restoreProducers(long offset) throws IOException {
        producers.restore(segments.all(), offset, highWatermark, host.wallMs());
        areProducersRestored = true;
        publish();
        host.onCheckpointChange();
    }

    /// For the removal of segments, on the disk's executor.
    void createActiveFile() throws IOException {
        truncation.createActiveFile();
    }

    private boolean isWritable() {
        return host.isOnline() && !isClosed && truncation.isSettledOrBegins();
    }

    /// Writer. Gets what was truncated, and the recovery point that this took back, onto the disk, also where the
    /// truncation failed for the disk's sake. Before that a power cut would bring back parts of what was cut; among
    /// what was appended since nobody could tell them apart.
    ///
    /// @return done on the disk's executor, or failed; there may be more to do then, as long as
    ///     [#isTruncationSettled] says no
    public CompletableFuture<Void> settleTruncation() {
        return truncation.settle();
    }

    /// Writer. Whether no truncation is left of which a power cut could bring something back.
    public boolean isTruncationSettled() {
        return truncation.isSettled();
    }

    // ---- the disk

    /// Forces all that was appended before this call, on the directory's executor. Whoever asks
    /// while a force of this log waits for its turn shares it, and several logs are forced at once,
    /// which the file system may put into one commit of its journal.
    ///
    /// Done on the executor's thread, with the offset below which everything is on the disk. The
    /// writer may have truncated the log meanwhile: in its turn it asks [#recoveryPoint], which a
    /// truncation takes back. Fails where the disk does, or where the log was closed meanwhile. The
    /// directory is offline then, and what was to be forced is in doubt until it is back.
    public CompletableFuture<Long> force() {
        return host.force(this);
    }

    /// All below is on the disk. Moves with every force, whoever asked for it, and back with a truncation. Asked for in
    /// the writer's turn it speaks of the log as it is then.
    public long recoveryPoint() {
        return forcing.recoveryPoint();
    }

    /// For the directory.
    public LogForcing forcing() {
        return forcing;
    }

    /// For the directory, on the disk's executor: puts in order what a failure of the disk has left.
    public void heal() throws IOException {
        forcing.rewriteWhatIsInDoubt();
        replacement.finish();
    }

    /// For the directory: whether a write-back knows of this log already. Set by the first who asks.
    public boolean markDirty() {
        return !isDirty.get() && isDirty.compareAndSet(false, true);
    }

    /// Writer, for the directory: whether this is the first call since the active segment began.
    public boolean markRenewed() {
        long begin = segments.active().baseOffset();
        if (toldSegment == begin) return false;
        toldSegment = begin;
        return true;
    }

    /// For the directory: a write-back begins.
    public void clearDirty() {
        isDirty.set(false);
    }

    public boolean isClosed() {
        return isClosed;
    }

    /// Writer, or nobody: takes no more appends, and gives up the open files.
    public void close() {
        isClosed = true;
        for (LogSegment segment : segments.all()) segment.closeFiles();
    }

    /// For the directory: the folder is about to go.
    public void onDelete() {
        background.onDelete();
        close();
    }

    public boolean isDeleted() {
        return background.isDeleted();
    }

    /// Nobody writes any more. Writes and forces all that makes the next start cheap.
    public void closeCleanly() throws IOException {
        truncation.finishAtStop();
        replacement.settle();
        isClosed = true;
        for (LogSegment segment : segments.all()) segment.cutDirtyTail();
        LogSegment active = segments.active();
        active.seal();
        if (active.isEmpty() && active.baseOffset() > 0) active.createFile();
        producers.snapshotAtStop(logEndOffset);
        forcing.forceCompletely();
        close();
    }

    @Override
    public String toString() {
        return topicPartition + "[" + logStartOffset + " to " + snapshot.logEndOffset() + "]";
    }
}
