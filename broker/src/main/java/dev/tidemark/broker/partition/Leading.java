package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.IsrProposal;
import dev.tidemark.replication.leader.LeaderEffects;
import dev.tidemark.replication.leader.LeaderState;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.EpochEndOffset;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A partition's leadership in one epoch: appends, followers' fetches, and what both do to the high watermark and the
/// ISR. Owner: the partition's serial. Life cycle: made by [Partition#lead], dropped when the epoch ends.
final class Leading {
    private static final Logger LOG = LoggerFactory.getLogger(Leading.class);
    private static final long FORCE_RETRY_MS = 5_000;

    private final Partition partition;
    private final ReplicaRole role;
    private final PartitionLog log;
    private final HighWatermark highWatermark;
    private final Replication replication;
    private final LeaderState state;
    private final LeaderEffects effects = new LeaderEffects();
    private final PendingDeletions deletions = new PendingDeletions();
    private boolean isForcing;
    private boolean isWatched;
    /// A proposal's fate is unknown: it is to be sent again.
    private boolean isAnswerLost;
    /// What the log was told last.
    private int toldPartitionEpoch;

    private List<Integer> toldIsr;

    Leading(
            Partition partition,
            ReplicaRole role,
            HighWatermark highWatermark,
            Replication replication,
            LeaderTerm term,
            long nowMs) {
        this.partition = partition;
        this.role = role;
        this.log = partition.log();
        this.highWatermark = highWatermark;
        this.replication = replication;
        long end = log.snapshot().logEndOffset();
        this.state = new LeaderState(
                replication.nodeId(),
                term,
                log.epochs().entries().getLast().startOffset(),
                end,
                ownEnd(end),
                highWatermark.offset(),
                log.config().minInSyncReplicas(),
                replication.lagTimeMaxMs(),
                this::mayJoin,
                nowMs);
        this.toldPartitionEpoch = state.partitionEpoch();
        this.toldIsr = state.isr();
    }

    private boolean mayJoin(int brokerId, long brokerEpoch) {
        return replication
                .eligibility()
                .mayJoin(partition.topicId(), partition.id().partition(), brokerId, brokerEpoch);
    }

    /// After the partition has told that it leads.
    void begin() {
        highWatermark.raiseTo(state.highWatermark());
        forceIfNeeded();
        watchIfNeeded();
    }

    LeaderState state() {
        return state;
    }

    // ---- appends

    void append(Append append) {
        if (append.byAllInSync && state.isUnderMinIsr()) {
            append.refuse(ErrorCode.NOT_ENOUGH_REPLICAS);
            return;
        }
        ByteBuffer batches = append.batches;
        int position = batches.position();
        AppendResult result = log.appendAsLeader(batches, state.leaderEpoch(), append.origin, append.wallMs);
        if (!(result instanceof AppendResult.Rejected)) partition.refused.onAccepted(batches, position);
        switch (result) {
            case AppendResult.Appended appended when appended.forceNeeded() -> onForceNeeded(append, appended);
            case AppendResult.Appended appended ->
                onAppended(append, appended, appended.lastOffset() + 1, appended.sizeBytes());
            case AppendResult.Duplicate duplicate -> onAppended(append, duplicate, duplicate.lastOffset() + 1, 0);
            case AppendResult.Rejected rejected
            when rejected.error() == ErrorCode.DUPLICATE_SEQUENCE_NUMBER ->
                // Clients take it for an acknowledgement. Where the batch lies in the log nobody knows.
                onAppended(append, rejected, log.snapshot().logEndOffset(), 0);
            case AppendResult.Rejected rejected -> append.onAppended(partition.refused.answer(rejected, batches), true);
        }
    }

    private void onAppended(Append append, AppendResult result, long endOffset, int bytes) {
        boolean moved = onEnd();
        long committed = state.highWatermark();
        boolean isCommitted = committed >= endOffset;
        if (!isCommitted && append.byAllInSync) await(append, endOffset);
        if (moved) highWatermark.publish(committed);
        append.onAppended(result, isCommitted);
        if (moved) highWatermark.tell(bytes);
        onGrown(bytes);
    }

    private void await(Append append, long endOffset) {
        append.toPending(endOffset, append.waitsForEver() ? 0 : partition.nowMs());
        highWatermark.pending.add(append);
    }

    /// `flush.messages`: consumers may read the records at once, their producer hears of them when they are on disk.
    private void onForceNeeded(Append append, AppendResult.Appended appended) {
        append.onAppended(appended, false);
        var _ = log.force()
                .whenComplete((forced, failure) -> partition.inTurnIfAlive(() -> {
                    if (failure != null) {
                        append.onCommitFailed(ErrorCode.KAFKA_STORAGE_ERROR);
                    } else if (!append.byAllInSync || highWatermark.offset() > appended.lastOffset()) {
                        append.onCommitted();
                    } else if (role.isLedBy(this)) {
                        await(append, appended.lastOffset() + 1);
                    } else {
                        append.onCommitFailed(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    }
                }));
        if (onEnd()) raiseHighWatermark();
        onGrown(appended.sizeBytes());
    }

    private boolean onEnd() {
        effects.clear();
        long end = log.snapshot().logEndOffset();
        state.onEnd(end, ownEnd(end), effects);
        return effects.highWatermarkMoved();
    }

    private void onGrown(int bytes) {
        partition.wakeFollowers(bytes);
        forceIfNeeded();
        watchIfNeeded();
    }

    // ---- the disk, where acknowledged is only what is on it

    private long ownEnd(long end) {
        return log.config().flushBeforeAck() ? Math.min(log.recoveryPoint(), end) : end;
    }

    /// One force at a time; whoever appends meanwhile is in the next.
    private void forceIfNeeded() {
        if (isForcing || !log.config().flushBeforeAck()) return;
        if (log.recoveryPoint() >= log.snapshot().logEndOffset()) return;
        isForcing = true;
        var _ = log.force().whenComplete((forced, failure) -> partition.inTurnIfAlive(() -> onForced(failure)));
    }

    private void onForced(@Nullable Throwable failure) {
        isForcing = false;
        if (!role.isLedBy(this)) return;
        if (failure != null) {
            highWatermark.pending.failAll(ErrorCode.KAFKA_STORAGE_ERROR);
            partition.inTurnLater(FORCE_RETRY_MS, this::forceAgain);
            return;
        }
        if (onEnd()) raiseHighWatermark();
        forceIfNeeded();
    }

    /// What was refused for the disk's sake is in the log all the same, perhaps as the last that comes: the high
    /// watermark must pass it when it is on the disk after all, whoever has forced it.
    private void forceAgain() {
        if (!role.isLedBy(this) || isForcing) return;
        if (onEnd()) raiseHighWatermark();
        forceIfNeeded();
    }

    /// Followers wait for it where consumers do so at them.
    private void raiseHighWatermark() {
        highWatermark.raiseTo(state.highWatermark());
        if (replication.tellsProgress()) partition.wakeFollowers(Integer.MAX_VALUE);
    }

    // ---- followers

    /// A follower asks for what comes after `fetchOffset`: it has everything below, if its log agrees with this one.
    ErrorCode onFollowerFetch(
            int brokerId, long brokerEpoch, long fetchOffset, int lastFetchedEpoch, long logStartOffset) {
        if (!state.isFollower(brokerId, brokerEpoch)) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        LogSnapshot now = log.snapshot();
        if (fetchOffset < now.logStartOffset() || fetchOffset > now.logEndOffset()) return ErrorCode.NONE;
        if (!agrees(fetchOffset, lastFetchedEpoch)) return ErrorCode.NONE;
        effects.clear();
        state.onFollowerFetch(brokerId, brokerEpoch, fetchOffset, logStartOffset, partition.nowMs(), effects);
        carryOut();
        if (!deletions.isEmpty()) deletions.onLowWatermark(lowWatermark());
        return ErrorCode.NONE;
    }

    private boolean agrees(long fetchOffset, int lastFetchedEpoch) {
        if (lastFetchedEpoch == Partition.NO_EPOCH) return true; // Its log is empty.
        EpochEndOffset end = log.endOffsetForEpoch(lastFetchedEpoch);
        return end.leaderEpoch() == lastFetchedEpoch && end.endOffset() >= fetchOffset;
    }

    /// Time has passed.
    void onTime() {
        isWatched = false;
        long nowMs = partition.nowMs();
        highWatermark.pending.expire(nowMs);
        onTimeForDeletions(nowMs);
        effects.clear();
        // While this log's directory is offline nobody can copy from it: that the followers lag is not their fault, and
        // one of them is to lead.
        boolean isJudge = !partition.isOffline();
        if (isJudge) state.onTime(nowMs, effects);
        carryOut();
        IsrProposal lost = state.underWay();
        if (isJudge && isAnswerLost && lost != null) {
            state.onSentAgain();
            propose(lost);
        }
    }

    // ---- deleting

    /// Moves the log start up to `asked`, or to the high watermark, and waits until the followers have done so too.
    void deleteRecords(long asked, int timeoutMs, CompletableFuture<DeletedRecords> done) {
        if (!log.config().delete()) {
            done.complete(DeletedRecords.refused(ErrorCode.POLICY_VIOLATION));
            return;
        }
        long offset = asked == Partition.UP_TO_HIGH_WATERMARK ? highWatermark.offset() : asked;
        if (offset < 0 || offset > highWatermark.offset()) {
            done.complete(DeletedRecords.refused(ErrorCode.OFFSET_OUT_OF_RANGE));
            return;
        }
        boolean moves = offset > log.snapshot().logStartOffset();
        log.deleteRecordsTo(offset);
        if (moves) {
            partition.wakeFollowers(Integer.MAX_VALUE);
            replication.replicas().onChanged(partition); // Whole segments below it can go.
        }
        deletions.add(offset, partition.nowMs() + Math.max(0, timeoutMs), done);
        deletions.onLowWatermark(lowWatermark());
        watchIfNeeded();
    }

    private long lowWatermark() {
        return state.lowWatermark(log.snapshot().logStartOffset());
    }

    private void onTimeForDeletions(long nowMs) {
        if (deletions.isEmpty()) return;
        long low = lowWatermark();
        deletions.onLowWatermark(low); // One that is dead by now does not hold it up any more.
        deletions.expire(nowMs, low);
    }

    /// This leadership ends.
    void end(ErrorCode toThoseWhoWait) {
        deletions.failAll(toThoseWhoWait);
    }

    /// The metadata tells more of this epoch.
    void onTerm(LeaderTerm term) {
        effects.clear();
        state.onTerm(term, partition.nowMs(), effects);
        carryOut();
    }

    void onConfigChange() {
        effects.clear();
        state.onMinInSync(log.config().minInSyncReplicas(), effects);
        long end = log.snapshot().logEndOffset();
        state.onEnd(end, ownEnd(end), effects);
        carryOut();
        forceIfNeeded();
    }

    private void carryOut() {
        IsrProposal proposal = effects.proposal();
        if (effects.highWatermarkMoved()) raiseHighWatermark();
        if (effects.isrChanged()) onIsrChanged();
        if (proposal != null) propose(proposal);
        watchIfNeeded();
    }

    private void onIsrChanged() {
        tellOfIsr();
        if (state.isUnderMinIsr()) {
            highWatermark.pending.failThoseThatComeAgain(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        }
    }

    /// Once, though the controller's answer and the metadata both tell of a change.
    private void tellOfIsr() {
        if (state.partitionEpoch() == toldPartitionEpoch) return;
        List<Integer> isr = state.isr();
        if (!isr.equals(toldIsr)) replication.isrNews().onChange(partition.id(), toldIsr, isr, state.partitionEpoch());
        toldPartitionEpoch = state.partitionEpoch();
        toldIsr = isr;
    }

    private void propose(IsrProposal proposal) {
        isAnswerLost = false;
        LOG.debug("{} asks for the ISR {}; it is {}.", partition.id(), state.maximalIsr(), state.isr());
        var _ = replication
                .isrChanges()
                .propose(partition.id(), partition.topicId(), proposal)
                .whenComplete(
                        (outcome, failure) -> partition.inTurnIfAlive(() -> onAnswer(proposal, outcome, failure)));
    }

    private void onAnswer(IsrProposal proposal, @Nullable IsrOutcome outcome, @Nullable Throwable failure) {
        if (!role.isLedBy(this)) return;
        boolean isToWrongOne =
                outcome instanceof IsrOutcome.Refused(ErrorCode error) && error == ErrorCode.NOT_CONTROLLER;
        if (outcome == null || isToWrongOne) {
            LOG.debug("No answer to a change of the ISR of {}: {}", partition.id(), String.valueOf(failure));
            isAnswerLost = proposal.equals(state.underWay());
            watchIfNeeded();
            return;
        }
        effects.clear();
        state.onOutcome(proposal, outcome, partition.nowMs(), effects);
        carryOut();
    }

    private void watchIfNeeded() {
        boolean nobodyWaits = highWatermark.pending.isEmpty() && deletions.isEmpty();
        if (isWatched || (nobodyWaits && !state.needsTime())) return;
        isWatched = true;
        replication.lagging().watch(partition);
    }
}
