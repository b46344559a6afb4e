package dev.tidemark.replication.follower;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.ErrorCode;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class FollowerStateTest {
    private static EpochEnd noEpochs(int epoch) {
        return EpochEnd.UNKNOWN;
    }

    private final FollowerState follower = new FollowerState(2, 9);

    private static FollowerPosition asked(int leaderEpoch, long offset) {
        return new FollowerPosition(new Uuid(1, 1), new TopicPartition("t", 0), 2, leaderEpoch, offset, 8, 0);
    }

    private static LeaderAnswer answer(ErrorCode error, EpochEnd diverging, long logStart) {
        return new LeaderAnswer(error, diverging, 5, logStart);
    }

    private FollowStep next(LeaderAnswer answer, IntFunction<EpochEnd> ownEnds) {
        return follower.next(asked(9, 20), answer, asked(9, 20), ownEnds);
    }

    @Test
    void anAnswerOfAnotherEpochIsLeftAlone() {
        LeaderAnswer answer = answer(ErrorCode.NONE, new EpochEnd(7, 3), 0);

        assertThat(follower.next(asked(8, 20), answer, asked(9, 20), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Ignore());
    }

    @Test
    void anAnswerToAnotherPositionIsLeftAlone() {
        LeaderAnswer answer = answer(ErrorCode.NONE, EpochEnd.UNKNOWN, 0);

        assertThat(follower.next(asked(9, 20), answer, asked(9, 18), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Ignore());
    }

    /// The same end, but reached by other records, since the log was cut meanwhile.
    @Test
    void anAnswerAboutOtherRecordsIsLeftAlone() {
        FollowerPosition now = new FollowerPosition(new Uuid(1, 1), new TopicPartition("t", 0), 2, 9, 20, 7, 0);
        LeaderAnswer answer = answer(ErrorCode.NONE, new EpochEnd(7, 3), 0);

        assertThat(follower.next(asked(9, 20), answer, now, FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Ignore());
    }

    @Test
    void whereTheLogsAgreeTheRecordsAreTaken() {
        assertThat(next(answer(ErrorCode.NONE, EpochEnd.UNKNOWN, 0), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Append());
    }

    @Test
    void anEpochThatIsLongerHereIsCutToItsEndAtTheLeader() {
        FollowStep step = next(answer(ErrorCode.NONE, new EpochEnd(8, 15), 0), epoch -> new EpochEnd(8, 20));

        assertThat(step).isEqualTo(new FollowStep.CutTo(15));
    }

    @Test
    void anEpochThatIsLongerAtTheLeaderIsCutToItsEndHere() {
        FollowStep step = next(answer(ErrorCode.NONE, new EpochEnd(6, 15), 0), epoch -> new EpochEnd(6, 12));

        assertThat(step).isEqualTo(new FollowStep.CutTo(12));
    }

    /// KAFKA-7897: where this log misses the leader's epoch, the leader's end of it would cut too much or too little.
    @Test
    void anEpochThatIsMissingHereIsCutToTheEndOfTheOneBefore() {
        FollowStep step = next(answer(ErrorCode.NONE, new EpochEnd(6, 3), 0), epoch -> new EpochEnd(5, 10));

        assertThat(step).isEqualTo(new FollowStep.CutTo(10));
    }

    @Test
    void whatTheLeaderDeletedIsSkippedByBeginningAnew() {
        assertThat(next(answer(ErrorCode.OFFSET_OUT_OF_RANGE, EpochEnd.UNKNOWN, 100), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.RestartAt(100));
    }

    @Test
    void recordsAreNotThrownAwayForARangeThatDoesNotFit() {
        assertThat(next(answer(ErrorCode.OFFSET_OUT_OF_RANGE, EpochEnd.UNKNOWN, 3), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Fail(ErrorCode.OFFSET_OUT_OF_RANGE));
    }

    @Test
    void anEmptyLogBehindTheLeadersEndBeginsAnew() {
        FollowerPosition empty = new FollowerPosition(new Uuid(1, 1), new TopicPartition("t", 0), 2, 9, 20, -1, 20);
        LeaderAnswer answer = answer(ErrorCode.OFFSET_OUT_OF_RANGE, EpochEnd.UNKNOWN, 3);

        FollowStep step = follower.next(empty, answer, empty, FollowerStateTest::noEpochs);

        assertThat(step).isEqualTo(new FollowStep.RestartAt(3));
    }

    @Test
    void anotherEpochAtTheLeaderIsWaitedOut() {
        assertThat(next(answer(ErrorCode.UNKNOWN_LEADER_EPOCH, EpochEnd.UNKNOWN, 0), FollowerStateTest::noEpochs))
                .isEqualTo(new FollowStep.Wait(ErrorCode.UNKNOWN_LEADER_EPOCH));
    }

    @Test
    void theHighWatermarkFollowsTheLeadersAsFarAsTheLogGoes() {
        assertThat(FollowerState.highWatermark(5, 9, 7)).isEqualTo(7);
        assertThat(FollowerState.highWatermark(8, 6, 10)).isEqualTo(8);
    }
}
