package dev.tidemark.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaderStateTest {
    private static final long LAG_MS = 30_000;

    private final LeaderEffects effects = new LeaderEffects();
    private Set<Integer> alive = Set.of(1, 2, 3);
    private long nowMs = 1_000_000;

    private LeaderState leader(List<Integer> isr, int minInSync, long end, long highWatermark) {
        LeaderTerm term = new LeaderTerm(7, 20, List.of(1, 2, 3), isr);
        return new LeaderState(
                1, term, end, end, end, highWatermark, minInSync, LAG_MS, (id, epoch) -> alive.contains(id), nowMs);
    }

    private void fetch(LeaderState leader, int broker, long offset) {
        effects.clear();
        leader.onFollowerFetch(broker, 100 + broker, offset, 0, nowMs, effects);
    }

    private void append(LeaderState leader, long end) {
        effects.clear();
        leader.onEnd(end, end, effects);
    }

    @Test
    void aLoneReplicaCommitsWhatItAppends() {
        LeaderTerm term = new LeaderTerm(7, 20, List.of(1), List.of(1));
        LeaderState leader = new LeaderState(1, term, 5, 5, 5, 3, 2, LAG_MS, (id, epoch) -> true, nowMs);
        assertThat(leader.highWatermark()).isEqualTo(5);

        append(leader, 9);

        assertThat(leader.highWatermark()).isEqualTo(9);
        assertThat(effects.highWatermarkMoved()).isTrue();
        assertThat(leader.needsTime()).isFalse();
    }

    @Test
    void theHighWatermarkWaitsForEveryMemberToFetchInThisEpoch() {
        LeaderState leader = leader(List.of(1, 2, 3), 1, 10, 4);

        fetch(leader, 2, 10);
        assertThat(leader.highWatermark()).isEqualTo(4);
        fetch(leader, 3, 8);

        assertThat(leader.highWatermark()).isEqualTo(8);
    }

    @Test
    void theHighWatermarkNeverGoesBack() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);
        fetch(leader, 2, 10);

        fetch(leader, 2, 3);

        assertThat(leader.highWatermark()).isEqualTo(10);
        append(leader, 12);
        assertThat(leader.highWatermark()).isEqualTo(10);
    }

    @Test
    void aFollowerOutsideTheIsrDoesNotHoldTheHighWatermarkBackUnlessItIsAboutToJoin() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        assertThat(leader.highWatermark()).isEqualTo(10);

        fetch(leader, 2, 0);
        append(leader, 20);
        assertThat(leader.highWatermark()).isEqualTo(20);
        fetch(leader, 2, 20);
        append(leader, 30);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    @Test
    void joiningNeedsTheStartOfTheLeadersOwnEpochAndNotJustTheHighWatermark() {
        LeaderTerm term = new LeaderTerm(7, 20, List.of(1, 2, 3), List.of(1, 3));
        LeaderState leader = new LeaderState(1, term, 10, 12, 12, 4, 1, LAG_MS, (id, epoch) -> true, nowMs);

        fetch(leader, 2, 9);
        assertThat(effects.proposal()).isNull();
        fetch(leader, 2, 10);

        assertThat(Objects.requireNonNull(effects.proposal()).newIsr())
                .containsExactly(new IsrMember(1, -1), new IsrMember(2, 102), new IsrMember(3, -1));
    }

    @Test
    void joiningNeedsAllThatIsCommitted() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);

        fetch(leader, 2, 9);

        assertThat(effects.proposal()).isNull();
    }

    @Test
    void aProposedMemberCountsForTheHighWatermarkBeforeTheControllerAnswers() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());

        append(leader, 15);

        assertThat(leader.maximalIsr()).containsExactly(1, 2);
        assertThat(leader.isr()).containsExactly(1);
        assertThat(leader.highWatermark()).isEqualTo(10);
        effects.clear();
        leader.onOutcome(proposal, new IsrOutcome.Accepted(7, 21, List.of(1, 2)), nowMs, effects);
        assertThat(leader.isr()).containsExactly(1, 2);
        assertThat(leader.partitionEpoch()).isEqualTo(21);
    }

    @Test
    void anAnswerThatComesAfterTheMetadataLeavesTheNextProposalAlone() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal first = Objects.requireNonNull(effects.proposal());
        leader.onTerm(new LeaderTerm(7, 21, List.of(1, 2, 3), List.of(1, 2)), nowMs, effects);
        effects.clear();
        fetch(leader, 3, 10);
        IsrProposal second = Objects.requireNonNull(effects.proposal());

        leader.onOutcome(first, new IsrOutcome.Accepted(7, 21, List.of(1, 2)), nowMs, effects);

        assertThat(leader.underWay()).isEqualTo(second);
        append(leader, 15);
        fetch(leader, 2, 15);
        assertThat(leader.maximalIsr()).containsExactly(1, 2, 3);
        assertThat(leader.highWatermark()).isEqualTo(10);
    }

    @Test
    void onlyOneProposalIsUnderWay() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);

        fetch(leader, 3, 10);

        assertThat(effects.proposal()).isNull();
    }

    @Test
    void whoLagsTooLongIsToLeaveAndCountsUntilTheControllerAgrees() {
        LeaderState leader = leader(List.of(1, 2, 3), 1, 10, 0);
        fetch(leader, 2, 10);
        fetch(leader, 3, 10);
        append(leader, 20);
        leader.onTime(nowMs, effects);
        nowMs += LAG_MS;
        fetch(leader, 2, 20);
        nowMs += 1;

        effects.clear();
        leader.onTime(nowMs, effects);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());
        assertThat(proposal.newIsr()).extracting(IsrMember::brokerId).containsExactly(1, 2);
        assertThat(leader.highWatermark()).isEqualTo(10);
        leader.onOutcome(proposal, new IsrOutcome.Accepted(7, 21, List.of(1, 2)), nowMs, effects);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    @Test
    void aFollowerThatReadAllThereWasAtItsLastFetchWasCaughtUpThen() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);
        fetch(leader, 2, 10);
        for (int i = 1; i <= 10; i++) {
            append(leader, 10 + i * 10);
            nowMs += LAG_MS / 2;
            fetch(leader, 2, 10 + (i - 1) * 10L);
            effects.clear();
            leader.onTime(nowMs, effects);
            assertThat(effects.proposal()).isNull();
        }
    }

    @Test
    void afterALongRestAFollowerHasItsTimeToFetchTheFirstRecord() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);
        fetch(leader, 2, 10);
        nowMs += 10 * LAG_MS;
        append(leader, 20);

        effects.clear();
        leader.onTime(nowMs, effects);
        assertThat(effects.proposal()).isNull();
        nowMs += LAG_MS + 1;
        leader.onTime(nowMs, effects);

        assertThat(effects.proposal()).isNotNull();
    }

    @Test
    void aMemberThatNeverComesIsToLeave() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);
        nowMs += LAG_MS + 1;

        effects.clear();
        leader.onTime(nowMs, effects);

        assertThat(effects.proposal()).isNotNull();
    }

    @Test
    void aRefusedMemberIsProposedAgainOnlyAfterAPause() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());

        leader.onOutcome(proposal, new IsrOutcome.Refused(ErrorCode.INELIGIBLE_REPLICA), nowMs, effects);
        assertThat(leader.maximalIsr()).containsExactly(1);
        fetch(leader, 2, 10);
        assertThat(effects.proposal()).isNull();
        nowMs += LeaderState.REFUSAL_PAUSE_MS;
        fetch(leader, 2, 10);

        assertThat(effects.proposal()).isNotNull();
    }

    @Test
    void aRefusalAsOutdatedMayHideAnEarlierSuccessSoTheMembersStayUntilTheMetadataTells() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());

        leader.onOutcome(proposal, new IsrOutcome.Refused(ErrorCode.INVALID_UPDATE_VERSION), nowMs, effects);
        append(leader, 20);
        assertThat(leader.maximalIsr()).containsExactly(1, 2);
        assertThat(leader.highWatermark()).isEqualTo(10);
        leader.onTerm(new LeaderTerm(7, 21, List.of(1, 2, 3), List.of(1)), nowMs, effects);
        alive = Set.of(1);
        leader.onTime(nowMs, effects);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    /// A copy that was lost on its way may come late: the partition epoch must pass it before its members may be
    /// forgotten.
    @Test
    void theMembersOfAProposalThatWasSentTwiceCountUntilTheEpochHasPassedIt() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());
        leader.onSentAgain();
        alive = Set.of(1);

        leader.onOutcome(proposal, new IsrOutcome.Refused(ErrorCode.INELIGIBLE_REPLICA), nowMs, effects);
        append(leader, 20);
        assertThat(leader.highWatermark()).isEqualTo(10);
        nowMs += LeaderState.REFUSAL_PAUSE_MS;
        effects.clear();
        leader.onTime(nowMs, effects);
        IsrProposal fence = Objects.requireNonNull(effects.proposal());
        assertThat(fence.newIsr()).containsExactly(new IsrMember(1, -1));
        leader.onOutcome(fence, new IsrOutcome.Accepted(7, 21, List.of(1)), nowMs, effects);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    @Test
    void underMinIsrNothingIsCommitted() {
        LeaderState leader = leader(List.of(1, 2), 2, 10, 0);
        fetch(leader, 2, 10);

        leader.onTerm(new LeaderTerm(7, 21, List.of(1, 2, 3), List.of(1)), nowMs, effects);
        append(leader, 20);

        assertThat(leader.isUnderMinIsr()).isTrue();
        assertThat(leader.highWatermark()).isEqualTo(10);
    }

    @Test
    void whoIsDeadOrOfAnEarlierIncarnationDoesNotJoin() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        alive = Set.of(1);
        fetch(leader, 2, 10);
        assertThat(effects.proposal()).isNull();
        alive = Set.of(1, 2);
        effects.clear();
        leader.onFollowerFetch(2, 500, 8, 0, nowMs, effects);

        effects.clear();
        leader.onFollowerFetch(2, 102, 10, 0, nowMs, effects);

        assertThat(effects.proposal()).isNull();
        assertThat(leader.isFollower(2, 102)).isFalse();
    }

    @Test
    void aFollowerThatIsRestartedWhileItsJoiningIsUnderWayCountsForWhatItHasNow() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());
        assertThat(proposal.newIsr()).containsExactly(new IsrMember(1, -1), new IsrMember(2, 102));
        assertThat(leader.highWatermark()).isEqualTo(10);

        effects.clear();
        leader.onFollowerFetch(2, 202, 4, 0, nowMs, effects);
        append(leader, 15);
        assertThat(leader.highWatermark()).isEqualTo(10);
        // The controller had said yes before it was restarted.
        leader.onOutcome(proposal, new IsrOutcome.Accepted(7, 21, List.of(1, 2)), nowMs, effects);
        assertThat(leader.highWatermark()).isEqualTo(10);
        // What its earlier process had asked for arrives late.
        fetch(leader, 2, 15);
        assertThat(leader.highWatermark()).isEqualTo(10);

        effects.clear();
        leader.onFollowerFetch(2, 202, 15, 0, nowMs, effects);
        assertThat(leader.highWatermark()).isEqualTo(15);
    }

    @Test
    void theHighWatermarkStopsWaitingForAJoiningFollowerThatDied() {
        LeaderState leader = leader(List.of(1), 1, 10, 0);
        fetch(leader, 2, 10);
        IsrProposal proposal = Objects.requireNonNull(effects.proposal());
        leader.onOutcome(proposal, new IsrOutcome.Refused(ErrorCode.INELIGIBLE_REPLICA), nowMs, effects);
        fetch(leader, 2, 10);
        append(leader, 20);
        assertThat(leader.highWatermark()).isEqualTo(10);

        alive = Set.of(1);
        effects.clear();
        leader.onTime(nowMs, effects);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    @Test
    void whatIsNotOnTheLeadersDiskDoesNotCountWhereThatIsAsked() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);

        effects.clear();
        leader.onEnd(20, 10, effects);
        fetch(leader, 2, 20);
        assertThat(leader.highWatermark()).isEqualTo(10);
        leader.onEnd(20, 20, effects);

        assertThat(leader.highWatermark()).isEqualTo(20);
    }

    @Test
    void replicasThatComeAndGoWithAReassignmentAreTakenOver() {
        LeaderState leader = leader(List.of(1, 2), 1, 10, 0);
        fetch(leader, 2, 10);

        leader.onTerm(new LeaderTerm(7, 20, List.of(1, 2, 3, 4), List.of(1, 2)), nowMs, effects);

        assertThat(leader.isFollower(4, 1)).isTrue();
        leader.onTerm(new LeaderTerm(7, 21, List.of(1, 4), List.of(1)), nowMs, effects);
        assertThat(leader.isFollower(2, 1)).isFalse();
    }
}
