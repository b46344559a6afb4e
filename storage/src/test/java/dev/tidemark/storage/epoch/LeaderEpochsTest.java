package dev.tidemark.storage.epoch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.storage.log.EpochEndOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderEpochsTest {
    private static final LeaderEpochs EPOCHS =
            LeaderEpochs.NONE.withStart(2, 10).withStart(4, 20).withStart(7, 30);

    @Test
    void knowsWhereEpochsEnd() {
        assertThat(EPOCHS.endOffset(2, 40)).isEqualTo(new EpochEndOffset(2, 20));
        assertThat(EPOCHS.endOffset(3, 40)).isEqualTo(new EpochEndOffset(2, 20));
        assertThat(EPOCHS.endOffset(4, 40)).isEqualTo(new EpochEndOffset(4, 30));
        assertThat(EPOCHS.endOffset(6, 40)).isEqualTo(new EpochEndOffset(4, 30));
        assertThat(EPOCHS.endOffset(7, 40)).isEqualTo(new EpochEndOffset(7, 40));
    }

    @Test
    void answersEpochsBeforeTheFirstWithItsStartAndLaterOnesWithNothing() {
        assertThat(EPOCHS.endOffset(1, 40)).isEqualTo(new EpochEndOffset(1, 10));
        assertThat(EPOCHS.endOffset(8, 40)).isEqualTo(EpochEndOffset.UNDEFINED);
        assertThat(EPOCHS.endOffset(-1, 40)).isEqualTo(EpochEndOffset.UNDEFINED);
        assertThat(LeaderEpochs.NONE.endOffset(0, 40)).isEqualTo(EpochEndOffset.UNDEFINED);
    }

    @Test
    void anEpochWithoutARecordGivesWayToTheNext() {
        assertThat(EPOCHS.withStart(8, 30).entries())
                .containsExactly(new EpochEntry(2, 10), new EpochEntry(4, 20), new EpochEntry(8, 30));
        assertThat(EPOCHS.withStart(7, 35)).isSameAs(EPOCHS);
    }

    @Test
    void whatIsKnownOfAnEarlierEpochOutlivesALaterOneThatIsDroppedForIt() {
        assertThat(EPOCHS.withStart(4, 25).entries()).containsExactly(new EpochEntry(2, 10), new EpochEntry(4, 20));
        assertThat(EPOCHS.withStart(4, 15).entries()).containsExactly(new EpochEntry(2, 10), new EpochEntry(4, 15));
    }

    @Test
    void followsTheLogsEndAndStart() {
        assertThat(EPOCHS.truncatedToEnd(31)).isSameAs(EPOCHS);
        assertThat(EPOCHS.truncatedToEnd(30).entries()).containsExactly(new EpochEntry(2, 10), new EpochEntry(4, 20));
        assertThat(EPOCHS.truncatedToStart(10)).isSameAs(EPOCHS);
        assertThat(EPOCHS.truncatedToStart(15).entries()).startsWith(new EpochEntry(2, 15), new EpochEntry(4, 20));
        assertThat(EPOCHS.truncatedToStart(20).entries())
                .isEqualTo(List.of(new EpochEntry(4, 20), new EpochEntry(7, 30)));
        assertThat(EPOCHS.truncatedToStart(99).entries()).containsExactly(new EpochEntry(7, 99));
    }

    @Test
    void knowsTheEpochOfARecord() {
        assertThat(EPOCHS.epochOf(9)).isEqualTo(-1);
        assertThat(EPOCHS.epochOf(10)).isEqualTo(2);
        assertThat(EPOCHS.epochOf(29)).isEqualTo(4);
        assertThat(EPOCHS.epochOf(1000)).isEqualTo(7);
    }
}
