package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.replication.follower.EpochEnd;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowStep;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.follower.FollowerState;
import dev.tidemark.replication.follower.LeaderAnswer;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.EpochEndOffset;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A replica that follows a leader in one epoch: takes over what the leader answers, or cuts its log until it agrees.
/// Owner: the partition's serial. Life cycle: made by [Partition#follow], dropped when the epoch ends.
final class Following {
    private static final Logger LOG = LoggerFactory.getLogger(Following.class);

    private static final long FORCE_RETRY_MS = 5_000;

    private final Partition partition;
    private final ReplicaRole role;
    private final PartitionLog log;
    private final HighWatermark highWatermark;
    private final Replication replication;
    private final FollowerState state;
    private boolean isForcing;
    /// Why the last append was refused; null while they are taken. Each reason is told once, not at every try.
    private @Nullable ErrorCode refusal;

    Following(
            Partition partition,
            ReplicaRole role,
            HighWatermark highWatermark,
            Replication replication,
            FollowerState state) {
        this.partition = partition;
        this.role = role;
        this.log = partition.log();
        this.highWatermark = highWatermark;
        this.replication = replication;
        this.state = state;
    }

    FollowerState state() {
        return state;
    }

    /// Says from where to fetch; where acknowledged is only what is on the disk, once all that is here is on it.
    void begin() {
        if (!log.isTruncationSettled()) {
            settleThen(_ -> {});
        } else if (mustForce(false)) {
            forceThen(_ -> {});
        } else {
            role.publishPosition(position());
        }
    }

    private FollowerPosition position() {
        LogSnapshot now = log.snapshot();
        long end = now.logEndOffset();
        // Of the last record, and not of the last epoch that is known: an epoch may have none (KAFKA-15510).
        int lastEpoch = end > now.logStartOffset() ? log.epochs().epochOf(end - 1) : -1;
        return new FollowerPosition(
                partition.topicId(),
                partition.id(),
                state.leaderId(),
                state.leaderEpoch(),
                end,
                lastEpoch,
                now.logStartOffset());
    }

    void onFetched(FollowerPosition asked, FetchResponse.PartitionData data, Consumer<FollowOutcome> done) {
        LeaderAnswer answer = new LeaderAnswer(
                ErrorCode.forCode(data.errorCode()),
                new EpochEnd(
                        data.divergingEpoch().epoch(), data.divergingEpoch().endOffset()),
                data.highWatermark(),
                data.logStartOffset());
        FollowStep step = isForcing ? new FollowStep.Ignore() : state.next(asked, answer, position(), this::ownEnd);
        switch (step) {
            case FollowStep.Append _ -> append(data, done);
            case FollowStep.CutTo(long offset) -> change(() -> cutTo(offset), offset, done);
            case FollowStep.RestartAt(long offset) -> change(() -> restartAt(offset), offset, done);
            case FollowStep.Ignore _ -> done.accept(new FollowOutcome.Outdated());
            case FollowStep.Wait(ErrorCode error) -> done.accept(new FollowOutcome.Fenced(error));
            case FollowStep.Fail(ErrorCode error) ->
                done.accept(new FollowOutcome.Failed(error, "the leader answered " + error));
        }
    }

    private EpochEnd ownEnd(int epoch) {
        EpochEndOffset end = log.endOffsetForEpoch(epoch);
        return new EpochEnd(end.leaderEpoch(), end.endOffset());
    }

    // ---- taking over

    private void append(FetchResponse.PartitionData data, Consumer<FollowOutcome> done) {
        int bytes = 0;
        boolean forceNeeded = false;
        if (data.records() instanceof MemoryRecords records && records.sizeInBytes() > 0) {
            switch (append(records.buffer())) {
                case AppendResult.Appended appended -> {
                    onTaken();
                    bytes = appended.sizeBytes();
                    forceNeeded = appended.forceNeeded();
                }
                case AppendResult.Duplicate _ -> {}
                case AppendResult.Rejected rejected -> {
                    done.accept(onRejected(rejected));
                    return;
                }
            }
        }
        boolean startMoved = takeOffsets(data);
        FollowOutcome.Advanced advanced = new FollowOutcome.Advanced(bytes);
        if (bytes > 0 && mustForce(forceNeeded)) {
            forceThen(failure -> done.accept(
                    failure == null
                            ? advanced
                            : new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, failure.toString())));
            return;
        }
        if (bytes > 0 || startMoved) role.publishPosition(position());
        done.accept(advanced);
    }

    private FollowOutcome onRejected(AppendResult.Rejected rejected) {
        boolean isOfAnotherEpoch =
                rejected.error() == ErrorCode.UNKNOWN_LEADER_EPOCH || rejected.error() == ErrorCode.FENCED_LEADER_EPOCH;
        if (rejected.error() != refusal) {
            LOG.atLevel(isOfAnotherEpoch ? Level.WARN : Level.ERROR)
                    .log("{} does not take what its leader sent: {}", partition.id(), rejected.message());
        }
        refusal = rejected.error();
        return isOfAnotherEpoch
                ? new FollowOutcome.Fenced(rejected.error())
                : new FollowOutcome.Failed(rejected.error(), rejected.message());
    }

    private void onTaken() {
        if (refusal != null) LOG.info("{} takes again what its leader sends.", partition.id());
        refusal = null;
    }

    private AppendResult append(ByteBuffer batches) {
        AppendResult result = log.appendAsFollower(batches, state.leaderEpoch(), partition.wallMs());
        boolean isBefore =
                result instanceof AppendResult.Rejected rejected && rejected.error() == ErrorCode.OFFSET_OUT_OF_RANGE;
        return isBefore && isEmpty() ? appendToEmpty(batches, result) : result;
    }

    private boolean isEmpty() {
        LogSnapshot now = log.snapshot();
        return now.logStartOffset() == now.logEndOffset();
    }

    /// The leader's log start may lie inside of a batch, which it sends whole: this log then begins with the batch.
    private AppendResult appendToEmpty(ByteBuffer batches, AppendResult refusal) {
        if (batches.remaining() < BatchHeader.BYTES) return refusal;
        BatchHeader first = BatchHeader.of(batches);
        long end = log.snapshot().logEndOffset();
        if (first.baseOffset() >= end || first.lastOffset() < end) return refusal;
        try {
            log.truncateFullyAndStartAt(first.baseOffset());
        } catch (IOException failure) {
            waitForDisk();
            return Append.rejected(ErrorCode.KAFKA_STORAGE_ERROR);
        }
        highWatermark.onTruncated();
        if (!log.isTruncationSettled()) {
            waitForDisk(); // Its recovery point, of a log without records, is on the disk already. Next time it is not.
            return refusal;
        }
        return log.appendAsFollower(batches, state.leaderEpoch(), partition.wallMs());
    }

    private boolean takeOffsets(FetchResponse.PartitionData data) {
        long end = log.snapshot().logEndOffset();
        highWatermark.raiseTo(FollowerState.highWatermark(highWatermark.offset(), data.highWatermark(), end));
        long start = Math.min(data.logStartOffset(), highWatermark.offset());
        if (start <= log.snapshot().logStartOffset()) return false;
        log.deleteRecordsTo(start);
        replication.replicas().onChanged(partition); // Whole segments below it can go.
        return true;
    }

    // ---- cutting

    private interface Cut {
        void run() throws IOException;
    }

    private void change(Cut cut, long offset, Consumer<FollowOutcome> done) {
        try {
            cut.run();
        } catch (IOException failure) {
            onCut(offset);
            waitForDisk();
            done.accept(new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, failure.toString()));
            return;
        }
        onCut(offset);
        settleThen(failure -> done.accept(
                failure == null
                        ? new FollowOutcome.Truncated(offset)
                        : new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, failure.toString())));
    }

    /// In memory, also where the disk has failed.
    private void onCut(long offset) {
        highWatermark.onTruncated();
        replication.replicas().onTruncated(partition, offset);
    }

    private void cutTo(long offset) throws IOException {
        boolean belowHighWatermark = offset < highWatermark.offset();
        LOG.atLevel(belowHighWatermark ? Level.WARN : Level.INFO)
                .log(
                        "{} is cut from {} to {}, where it departs from its leader {}'s (epoch {}); its high watermark is {}.",
                        partition.id(),
                        log.snapshot().logEndOffset(),
                        offset,
                        state.leaderId(),
                        state.leaderEpoch(),
                        highWatermark.offset());
        log.truncateTo(offset);
    }

    private void restartAt(long offset) throws IOException {
        LOG.info(
                "{} begins anew at {}, where its leader's log starts; it ended at {}.",
                partition.id(),
                offset,
                log.snapshot().logEndOffset());
        log.truncateFullyAndStartAt(offset);
        // What the leader has deleted was committed.
        if (log.highWatermark() < offset) log.onHighWatermark(offset);
    }

    // ---- the disk

    private boolean mustForce(boolean isAsked) {
        if (!isAsked && !log.config().flushBeforeAck()) return false;
        return log.recoveryPoint() < log.snapshot().logEndOffset();
    }

    /// Nothing is fetched meanwhile: where the log ends in memory it may not end in its files.
    private void waitForDisk() {
        role.publishPosition(null);
        partition.inTurnLater(FORCE_RETRY_MS, this::beginAgain);
    }

    private void beginAgain() {
        if (role.isFollowedBy(this) && !isForcing) begin();
    }

    /// What was cut must be off the disk before anything is appended in its place.
    private void settleThen(Consumer<@Nullable Throwable> afterwards) {
        isForcing = true;
        role.publishPosition(null);
        var _ = log.settleTruncation()
                .whenComplete((settled, failure) -> partition.inTurnIfAlive(() -> onSettled(failure, afterwards)));
    }

    private void onSettled(@Nullable Throwable failure, Consumer<@Nullable Throwable> afterwards) {
        isForcing = false;
        if (role.isFollowedBy(this)) {
            if (failure == null && !log.isTruncationSettled()) {
                settleThen(afterwards); // The recovery point was lowered, and now the files can be cut.
                return;
            }
            if (failure == null) begin();
            else waitForDisk();
        }
        afterwards.accept(failure);
    }

    /// The leader counts on everything below the next fetch's offset: so that waits for the disk.
    private void forceThen(Consumer<@Nullable Throwable> afterwards) {
        isForcing = true;
        var _ = log.force()
                .whenComplete((forced, failure) -> partition.inTurnIfAlive(() -> onForced(failure, afterwards)));
    }

    private void onForced(@Nullable Throwable failure, Consumer<@Nullable Throwable> afterwards) {
        isForcing = false;
        if (role.isFollowedBy(this)) {
            if (failure == null) role.publishPosition(position());
            else waitForDisk();
        }
        afterwards.accept(failure);
    }
}
