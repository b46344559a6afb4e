package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.follower.FollowerState;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.replication.leader.ReplicaProgress;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a replica leads, follows or rests, and in which leader epoch. Epochs rise; older news changes nothing.
///
/// Owner: the partition's serial, in whose turn it changes. What is `volatile` may be read by any thread.
final class ReplicaRole {
    static final int NO_EPOCH = -1;

    private final Partition partition;
    private final PartitionLog log;
    private final HighWatermark highWatermark;
    private final Replication replication;

    private @Nullable Leading leading;
    private @Nullable Following following;
    private volatile int leaderEpoch = NO_EPOCH;
    private volatile int currentEpoch = NO_EPOCH;
    private volatile long epochStartOffset;
    private volatile List<Integer> replicas = List.of();
    private volatile int followersTerm;
    private volatile List<ReplicaProgress> progress = List.of();
    private volatile @Nullable FollowerPosition position;
    private volatile boolean isFollowing;

    ReplicaRole(Partition partition, HighWatermark highWatermark, Replication replication) {
        this.partition = partition;
        this.log = partition.log();
        this.highWatermark = highWatermark;
        this.replication = replication;
    }

    // ---- for any thread

    /// -1 where it does not lead.
    int leaderEpoch() {
        return leaderEpoch;
    }

    /// The newest that the metadata told, in whatever role.
    int currentEpoch() {
        return currentEpoch;
    }

    boolean isLeader() {
        return leaderEpoch != NO_EPOCH;
    }

    boolean isFollowing() {
        return isFollowing;
    }

    /// Whether it leads `brokerId`'s replica.
    boolean leads(int brokerId) {
        return brokerId != replication.nodeId() && isLeader() && replicas.contains(brokerId);
    }

    /// Where the epoch in which it led last begins.
    long epochStartOffset() {
        return epochStartOffset;
    }

    int followersTerm() {
        return followersTerm;
    }

    List<ReplicaProgress> progress() {
        return progress;
    }

    @Nullable
    FollowerPosition position() {
        return position;
    }

    // ---- in the partition's turn

    /// Null where it does not lead.
    @Nullable
    Leading leading() {
        return leading;
    }

    /// Null where it does not follow.
    @Nullable
    Following following() {
        return following;
    }

    boolean isLedBy(Leading one) {
        return leading == one;
    }

    boolean isFollowedBy(Following one) {
        return following == one;
    }

    /// Leads, or goes on leading, as `term` says. The epoch's start is in the log's epoch cache before
    /// any record of it (KAFKA-7415).
    RoleChange lead(LeaderTerm term) {
        if (term.leaderEpoch() < currentEpoch) return RoleChange.NONE;
        Leading known = leading;
        if (known != null && term.leaderEpoch() == currentEpoch) {
            replicas = term.replicas();
            known.onTerm(term);
            followersTerm = term.partitionEpoch();
            return RoleChange.NONE;
        }
        RoleChange change = new RoleChange(term.leaderEpoch(), known != null, true, following != null, NO_EPOCH);
        stopFollowing();
        endLeading(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        log.onBecomeLeader(term.leaderEpoch());
        Leading next = new Leading(partition, this, highWatermark, replication, term, partition.nowMs());
        leading = next;
        replicas = term.replicas();
        progress = List.of();
        epochStartOffset = next.state().epochStartOffset();
        currentEpoch = term.leaderEpoch();
        leaderEpoch = term.leaderEpoch();
        followersTerm = term.partitionEpoch();
        next.begin();
        return change;
    }

    /// @param leaderId -1 where nobody leads in `epoch`
    RoleChange follow(int leaderId, int epoch) {
        if (epoch < currentEpoch || (epoch == currentEpoch && leading == null && knows(leaderId))) {
            return RoleChange.NONE;
        }
        RoleChange change = new RoleChange(epoch, leading != null, false, following != null, leaderId);
        stopLeading(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        stopFollowing();
        currentEpoch = epoch;
        forgetEpochsWithoutRecords();
        if (leaderId >= 0) {
            Following next =
                    new Following(partition, this, highWatermark, replication, new FollowerState(leaderId, epoch));
            following = next;
            isFollowing = true;
            next.begin();
        }
        return change;
    }

    private boolean knows(int leaderId) {
        Following known = following;
        return (known == null ? NO_EPOCH : known.state().leaderId()) == leaderId;
    }

    /// A leader's own epoch may have got no record; the next leader's records would seem to contradict it.
    private void forgetEpochsWithoutRecords() {
        try {
            log.truncateTo(log.snapshot().logEndOffset());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Leads and follows no more.
    void stop(ErrorCode toThoseWhoWait) {
        stopFollowing();
        stopLeading(toThoseWhoWait);
    }

    private void stopLeading(ErrorCode toThoseWhoWait) {
        leaderEpoch = NO_EPOCH;
        endLeading(toThoseWhoWait);
        replicas = List.of();
        progress = List.of();
        highWatermark.pending.failAll(toThoseWhoWait);
    }

    private void endLeading(ErrorCode toThoseWhoWait) {
        Leading last = leading;
        leading = null;
        if (last != null) last.end(toThoseWhoWait);
        partition.verifications().onLeadershipEnded();
    }

    private void stopFollowing() {
        following = null;
        isFollowing = false;
        position = null;
    }

    void publishPosition(@Nullable FollowerPosition next) {
        position = next;
    }

    void publishProgress(List<ReplicaProgress> next) {
        progress = next;
    }
}
