package dev.tidemark.replication.follower;

import dev.tidemark.protocol.ErrorCode;
import java.util.function.IntFunction;

/// One partition as a follower sees it, in one leader epoch.
///
/// Before it takes over anything, its log must agree with the leader's: every fetch names the epoch of the follower's
/// last record, and a leader whose log has that epoch end elsewhere says where (KIP-595). The follower then cuts its
/// log back to the largest offset that both may have in common, and asks again, until they agree. Both ends are
/// fenced by the leader epoch: an answer that was made in another one is left alone.
///
/// Owner: the partition's serial. Life cycle: made when the metadata names a leader and an epoch, dropped at the next.
public final class FollowerState {
    private final int leaderId;
    private final int leaderEpoch;

    public FollowerState(int leaderId, int leaderEpoch) {
        this.leaderId = leaderId;
        this.leaderEpoch = leaderEpoch;
    }

    public int leaderId() {
        return leaderId;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    /// What to do with the answer to a fetch at `asked`. Changes nothing.
    ///
    /// @param current what the follower would ask for now
    /// @param ownEnds the end of an epoch in the follower's own log: of the largest one that is not above the one
    ///     asked for
    public FollowStep next(
            FollowerPosition asked, LeaderAnswer answer, FollowerPosition current, IntFunction<EpochEnd> ownEnds) {
        if (!isSamePlace(asked, current)) return new FollowStep.Ignore();
        long logStartOffset = current.logStartOffset();
        long logEndOffset = current.fetchOffset();
        return switch (answer.error()) {
            case NONE -> {
                if (answer.diverging().epoch() < 0) yield new FollowStep.Append();
                yield new FollowStep.CutTo(commonEnd(answer.diverging(), logEndOffset, ownEnds));
            }
            case OFFSET_OUT_OF_RANGE -> outOfRange(answer, logStartOffset, logEndOffset);
            case FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER ->
                new FollowStep.Wait(answer.error());
            case ErrorCode other -> new FollowStep.Fail(other);
        };
    }

    /// Also the epoch of the last record must be the same: the log may have been cut and have grown to the same end
    /// since.
    private boolean isSamePlace(FollowerPosition asked, FollowerPosition current) {
        return asked.leaderEpoch() == leaderEpoch
                && asked.leaderId() == leaderId
                && asked.fetchOffset() == current.fetchOffset()
                && asked.lastFetchedEpoch() == current.lastFetchedEpoch();
    }

    /// The leader has deleted what comes next, or this log is empty and begins behind the leader's end (after an
    /// unclean election). Otherwise the two logs do not fit and nothing must be thrown away for that.
    private static FollowStep outOfRange(LeaderAnswer answer, long logStartOffset, long logEndOffset) {
        long leaderStart = answer.logStartOffset();
        boolean isBehind = leaderStart > logEndOffset;
        boolean isEmpty = logStartOffset == logEndOffset;
        if (leaderStart < 0 || !(isBehind || isEmpty)) return new FollowStep.Fail(ErrorCode.OFFSET_OUT_OF_RANGE);
        return new FollowStep.RestartAt(leaderStart);
    }

    private static long commonEnd(EpochEnd diverging, long logEndOffset, IntFunction<EpochEnd> ownEnds) {
        EpochEnd own = ownEnds.apply(diverging.epoch());
        if (own.epoch() < 0) return Math.min(diverging.endOffset(), logEndOffset);
        // An epoch that this log does not have: the leader's end of it says nothing about the records here.
        if (own.epoch() != diverging.epoch()) return Math.min(own.endOffset(), logEndOffset);
        return Math.min(Math.min(own.endOffset(), diverging.endOffset()), logEndOffset);
    }

    /// The high watermark after an answer: it never goes back but with a cut, and never beyond the log.
    public static long highWatermark(long own, long leaders, long logEndOffset) {
        return Math.max(own, Math.min(leaders, logEndOffset));
    }
}
