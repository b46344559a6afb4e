package dev.tidemark.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FetchSessionTest {
    private static final TopicPartition A = new TopicPartition("t", 0);
    private static final TopicPartition B = new TopicPartition("t", 1);
    private final FetchSession session = new FetchSession();

    private static FetchSession.Want at(long offset) {
        return new FetchSession.Want(Uuid.ZERO, offset, 1, -1);
    }

    @Test
    void namesEverythingFirstThenChangesOnly() {
        assertThat(session.next(Map.of(A, at(0), B, at(0))))
                .isEqualTo(new FetchSession.Request(0, 0, Map.of(A, at(0), B, at(0)), Map.of()));
        session.answered(7);

        assertThat(session.next(Map.of(A, at(5), B, at(0))))
                .isEqualTo(new FetchSession.Request(7, 1, Map.of(A, at(5)), Map.of()));
    }

    @Test
    void forgetsWhatIsNotWanted() {
        session.next(Map.of(A, at(0), B, at(0)));
        session.answered(7);

        assertThat(session.next(Map.of(B, at(0))).forgotten()).isEqualTo(Map.of(A, at(0)));
        session.answered(7);
        assertThat(session.next(Map.of(A, at(0), B, at(0))).named()).isEqualTo(Map.of(A, at(0)));
    }

    @Test
    void aBrokerWithoutSessionsIsToldEverythingEachTime() {
        session.next(Map.of(A, at(0)));
        session.answered(0);

        assertThat(session.next(Map.of(A, at(0))))
                .isEqualTo(new FetchSession.Request(0, 0, Map.of(A, at(0)), Map.of()));
    }

    @Test
    void aPartitionWhoseAnswerWasUselessIsNamedAgain() {
        session.next(Map.of(A, at(0)));
        session.answered(7);

        session.forget(A);

        assertThat(session.next(Map.of(A, at(0))).named()).isEqualTo(Map.of(A, at(0)));
    }
}
