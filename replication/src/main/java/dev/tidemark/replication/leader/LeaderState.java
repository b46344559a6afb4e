package dev.tidemark.replication.leader;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One partition as its leader sees it, in one leader epoch: how far each follower is, who is in sync, and the high
/// watermark.
///
/// Rules of the checked model of Kafka's replication (KIP-320, KIP-497, KIP-966) that are kept here:
///
/// - The high watermark moves only by followers that fetch in this epoch: a new epoch begins knowing nobody's end.
/// - It is computed over the *maximal* ISR, the committed one together with the proposed one, which always holds the
///   controller's. It rests while the committed ISR is smaller than `min.insync.replicas`.
/// - A follower joins the ISR only once it has all that is committed *and* has reached the start of this epoch.
/// - One proposal is under way at a time. One whose fate is not known stays so until the controller or the metadata
///   tells; its members count until the partition epoch has passed it.
///
/// Owner: the partition's serial. It reads no clock; times are the caller's monotonic milliseconds. Life cycle: made on
/// election, dropped at the next election or when the leadership ends.
public final class LeaderState {
    /// After a refusal the next proposal waits so long.
    static final long REFUSAL_PAUSE_MS = 500;

    private final int nodeId;
    private final int leaderEpoch;
    private final long epochStartOffset;
    private final IsrEligibility eligibility;
    private final long lagTimeMaxMs;

    private Follower[] followers = new Follower[0];
    private int partitionEpoch;
    private int isrSize;
    private int minInSync;
    private long logEndOffset;
    /// What this replica itself counts for: the log end offset, or the end of what is on its disk.
    private long ownEnd;
    private long highWatermark;
    private @Nullable IsrProposal underWay;
    /// A proposal was sent more than once: a copy of it may still reach the controller, also after another was refused.
    private boolean mayLinger;
    private long nextProposalMs = Long.MIN_VALUE;

    /// @param epochStartOffset where the leader epoch begins in this replica's log
    /// @param logEndOffset of this replica
    /// @param ownEnd what of it counts for the high watermark already
    /// @param highWatermark that this replica knew before
    /// @param minInSync `min.insync.replicas`
    /// @param lagTimeMaxMs `replica.lag.time.max.ms`
    public LeaderState(
            int nodeId,
            LeaderTerm term,
            long epochStartOffset,
            long logEndOffset,
            long ownEnd,
            long highWatermark,
            int minInSync,
            long lagTimeMaxMs,
            IsrEligibility eligibility,
            long nowMs) {
        this.nodeId = nodeId;
        this.leaderEpoch = term.leaderEpoch();
        this.partitionEpoch = term.partitionEpoch();
        this.epochStartOffset = epochStartOffset;
        this.logEndOffset = logEndOffset;
        this.ownEnd = ownEnd;
        this.highWatermark = highWatermark;
        this.minInSync = minInSync;
        this.lagTimeMaxMs = lagTimeMaxMs;
        this.eligibility = eligibility;
        takeReplicas(term.replicas(), term.isr(), nowMs);
        takeIsr(term.isr());
        advance();
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    public int partitionEpoch() {
        return partitionEpoch;
    }

    public long highWatermark() {
        return highWatermark;
    }

    public long epochStartOffset() {
        return epochStartOffset;
    }

    /// Whether acks=all must be refused now.
    public boolean isUnderMinIsr() {
        return isrSize < effectiveMinInSync();
    }

    /// A topic of fewer replicas than `min.insync.replicas` asks for all it has.
    private int effectiveMinInSync() {
        return Math.min(minInSync, followers.length + 1);
    }

    // ---- what happens

    /// The log grew, or more of it is on the disk.
    public void onEnd(long newLogEndOffset, long newOwnEnd, LeaderEffects effects) {
        if (newLogEndOffset > logEndOffset) {
            for (Follower follower : followers) follower.isBehindSince |= follower.endOffset >= logEndOffset;
        }
        logEndOffset = newLogEndOffset;
        ownEnd = newOwnEnd;
        if (advance()) effects.highWatermarkMoved = true;
    }

    /// Whether `brokerId` may fetch as a replica: it holds one, and is no earlier incarnation than one that fetched.
    public boolean isFollower(int brokerId, long brokerEpoch) {
        Follower follower = follower(brokerId);
        return follower != null && brokerEpoch >= follower.brokerEpoch;
    }

    /// A follower whose log agrees with this one's up to `fetchOffset` fetches from there, in this leader epoch.
    public void onFollowerFetch(
            int brokerId, long brokerEpoch, long fetchOffset, long startOffset, long nowMs, LeaderEffects effects) {
        Follower follower = follower(brokerId);
        if (follower == null || brokerEpoch < follower.brokerEpoch || fetchOffset > logEndOffset) return;
        follower.brokerEpoch = brokerEpoch;
        follower.onFetch(fetchOffset, startOffset, logEndOffset, nowMs);
        if (!follower.inCommittedIsr) {
            follower.isJoining = follower.isCaughtUp(logEndOffset, nowMs, lagTimeMaxMs) && isAlive(follower);
        }
        if (advance()) effects.highWatermarkMoved = true;
        if (!follower.inMaximalIsr() && mayJoin(follower)) propose(nowMs, false, effects);
    }

    /// Time has passed: followers that lag leave, those that could not join before are proposed again, and the high
    /// watermark stops waiting for those that are gone.
    public void onTime(long nowMs, LeaderEffects effects) {
        for (Follower follower : followers) {
            follower.onTime(nowMs);
            if (!follower.isJoining) continue;
            follower.isJoining = follower.isCaughtUp(logEndOffset, nowMs, lagTimeMaxMs) && isAlive(follower);
        }
        if (advance()) effects.highWatermarkMoved = true;
        propose(nowMs, true, effects);
    }

    /// The controller answered `proposal`.
    public void onOutcome(IsrProposal proposal, IsrOutcome outcome, long nowMs, LeaderEffects effects) {
        switch (outcome) {
            case IsrOutcome.Accepted(int epoch, int newPartitionEpoch, List<Integer> isr) -> {
                // Where the metadata came first, the answer must not take back what was proposed since.
                boolean isNews = newPartitionEpoch > partitionEpoch
                        || (newPartitionEpoch == partitionEpoch && proposal.equals(underWay));
                if (epoch == leaderEpoch && isNews) {
                    commit(newPartitionEpoch, isr, effects);
                }
            }
            case IsrOutcome.Refused(var error) -> {
                if (!proposal.equals(underWay)) return; // The metadata has told more meanwhile.
                switch (error) {
                    case INELIGIBLE_REPLICA, OPERATION_NOT_ATTEMPTED, INVALID_REQUEST -> withdraw(nowMs, effects);
                    // Something newer is decided, perhaps an earlier try of just this: the metadata will tell.
                    default -> {}
                }
            }
        }
    }

    /// The proposal under way is sent again, as no answer came.
    public void onSentAgain() {
        mayLinger = true;
    }

    /// The proposal whose answer is awaited: to be sent again where no answer came.
    public @Nullable IsrProposal underWay() {
        return underWay;
    }

    /// The metadata tells of this epoch's leadership: another ISR, or other replicas. Older news is left alone.
    public void onTerm(LeaderTerm term, long nowMs, LeaderEffects effects) {
        if (term.leaderEpoch() != leaderEpoch || term.partitionEpoch() < partitionEpoch) return;
        takeReplicas(term.replicas(), term.isr(), nowMs);
        if (term.partitionEpoch() > partitionEpoch) {
            commit(term.partitionEpoch(), term.isr(), effects);
        } else if (advance()) {
            effects.highWatermarkMoved = true;
        }
    }

    public void onMinInSync(int newMinInSync, LeaderEffects effects) {
        minInSync = newMinInSync;
        if (advance()) effects.highWatermarkMoved = true;
    }

    // ---- the ISR

    private void takeReplicas(List<Integer> replicas, List<Integer> isr, long nowMs) {
        List<Follower> taken = new ArrayList<>(replicas.size());
        for (int brokerId : replicas) {
            if (brokerId == nodeId) continue;
            Follower known = follower(brokerId);
            taken.add(known != null ? known : new Follower(brokerId, isr.contains(brokerId), nowMs, lagTimeMaxMs));
        }
        followers = taken.toArray(Follower[]::new);
    }

    private void takeIsr(List<Integer> isr) {
        for (Follower follower : followers) {
            boolean isMember = isr.contains(follower.brokerId);
            if (isMember != follower.inCommittedIsr) follower.isJoining = false;
            follower.inCommittedIsr = isMember;
            follower.inProposedIsr = false;
        }
        isrSize = isr.size();
    }

    private void commit(int newPartitionEpoch, List<Integer> isr, LeaderEffects effects) {
        partitionEpoch = newPartitionEpoch;
        underWay = null;
        mayLinger = false; // What is still on its way comes too late.
        takeIsr(isr);
        effects.isrChanged = true;
        if (advance()) effects.highWatermarkMoved = true;
    }

    private void withdraw(long nowMs, LeaderEffects effects) {
        underWay = null;
        nextProposalMs = nowMs + REFUSAL_PAUSE_MS;
        for (Follower follower : followers) {
            if (!mayLinger) follower.inProposedIsr = false;
            follower.isJoining = false;
        }
        if (advance()) effects.highWatermarkMoved = true;
    }

    private boolean mayJoin(Follower follower) {
        return hasAll(follower) && isAlive(follower);
    }

    private boolean hasAll(Follower follower) {
        return follower.endOffset >= highWatermark && follower.endOffset >= epochStartOffset;
    }

    private boolean isAlive(Follower follower) {
        return eligibility.mayJoin(follower.brokerId, follower.brokerEpoch);
    }

    private void propose(long nowMs, boolean mayShrink, LeaderEffects effects) {
        if (underWay != null || nowMs < nextProposalMs) return;
        List<IsrMember> members = new ArrayList<>(followers.length + 1);
        members.add(new IsrMember(nodeId, Follower.UNKNOWN));
        boolean changes = false;
        for (Follower follower : followers) {
            boolean stays =
                    follower.inCommittedIsr && !(mayShrink && !follower.isCaughtUp(logEndOffset, nowMs, lagTimeMaxMs));
            boolean joins = !follower.inCommittedIsr && mayJoin(follower);
            if (stays || joins) members.add(new IsrMember(follower.brokerId, follower.brokerEpoch));
            changes |= stays != follower.inCommittedIsr || joins;
            follower.inProposedIsr = stays || joins || (mayLinger && follower.inProposedIsr);
        }
        // With the same ISR as before in a new partition epoch, where a copy may linger: that one is then too late.
        if (!changes && !mayLinger) return;
        IsrProposal proposal = new IsrProposal(leaderEpoch, partitionEpoch, List.copyOf(members));
        underWay = proposal;
        effects.proposal = proposal;
    }

    // ---- the high watermark

    private boolean advance() {
        if (ownEnd <= highWatermark || isrSize < effectiveMinInSync()) return false;
        long committed = ownEnd;
        for (Follower follower : followers) {
            if (follower.inMaximalIsr() || follower.isJoining) committed = Math.min(committed, follower.endOffset);
        }
        if (committed <= highWatermark) return false;
        highWatermark = committed;
        return true;
    }

    // ---- for others to see

    /// Whether something must be looked at when time has passed: somebody is behind, or an answer is awaited.
    public boolean needsTime() {
        if (highWatermark < logEndOffset || underWay != null || mayLinger) return true;
        for (Follower follower : followers) {
            if (follower.inCommittedIsr && follower.endOffset < logEndOffset) return true;
            // It was refused or not known to be alive, and may rest at the end: it will not fetch from elsewhere.
            if (!follower.inCommittedIsr && hasAll(follower)) return true;
        }
        return false;
    }

    /// The offset below which no living replica has records, for DeleteRecords; -1 while one did not tell yet.
    public long lowWatermark(long ownLogStartOffset) {
        long low = ownLogStartOffset;
        for (Follower follower : followers) {
            if (isAlive(follower)) low = Math.min(low, follower.logStartOffset);
        }
        return low;
    }

    /// This broker first.
    public List<Integer> isr() {
        List<Integer> isr = new ArrayList<>(isrSize);
        isr.add(nodeId);
        for (Follower follower : followers) {
            if (follower.inCommittedIsr) isr.add(follower.brokerId);
        }
        return isr;
    }

    public int isrSize() {
        return isrSize;
    }

    public int replicaCount() {
        return followers.length + 1;
    }

    /// The ISR that the controller may know by now: committed or proposed. This broker first.
    public List<Integer> maximalIsr() {
        List<Integer> isr = new ArrayList<>(isrSize);
        isr.add(nodeId);
        for (Follower follower : followers) {
            if (follower.inMaximalIsr()) isr.add(follower.brokerId);
        }
        return isr;
    }

    public List<ReplicaProgress> progress() {
        List<ReplicaProgress> progress = new ArrayList<>(followers.length);
        for (Follower follower : followers) {
            progress.add(new ReplicaProgress(
                    follower.brokerId, follower.endOffset, follower.logStartOffset, follower.inCommittedIsr));
        }
        return progress;
    }

    private @Nullable Follower follower(int brokerId) {
        for (Follower follower : followers) {
            if (follower.brokerId == brokerId) return follower;
        }
        return null;
    }
}
