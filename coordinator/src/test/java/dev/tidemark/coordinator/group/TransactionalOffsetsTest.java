package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Offsets that are committed in transactions: nobody sees them before the end, and the later record wins.
class TransactionalOffsetsTest {
    private static final long PRODUCER = 7;

    private final World world = new World();

    @BeforeEach
    void createTopic() {
        world.topics.create("t", 2);
    }

    private ErrorCode commitInTransaction(long producerId, long offset, int generation) {
        TxnOffsetCommitRequest request = TxnOffsetCommitRequest.builder()
                .transactionalId("id")
                .groupId("g")
                .producerId(producerId)
                .producerEpoch((short) 0)
                .generationIdOrMemberEpoch(generation)
                .topics(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                        .name("t")
                        .partitions(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
        TxnOffsetCommitResponse response = world.coordinator
                .txnOffsetCommit(new ClientContext("c", "/1.1.1.1", (short) 5), request)
                .join();
        return ErrorCode.forCode(
                response.topics().getFirst().partitions().getFirst().errorCode());
    }

    private void commit(long offset) {
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId("g")
                .generationIdOrMemberEpoch(-1)
                .topics(List.of(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name("t")
                        .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
        var _ = world.coordinator
                .offsetCommit(new ClientContext("c", "/1.1.1.1", (short) 9), request)
                .join();
    }

    private void end(long producerId, boolean commit) {
        EndMarker marker = new EndMarker(producerId, (short) 1, commit, 3, (short) 2);
        assertThat(world.coordinator.endTransaction(0, marker).join()).isEqualTo(ErrorCode.NONE);
    }

    /// The offset, or the error's name.
    private String fetch(boolean requireStable) {
        OffsetFetchRequest request = OffsetFetchRequest.builder()
                .requireStable(requireStable)
                .groups(List.of(OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                        .groupId("g")
                        .topics(List.of(OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                .name("t")
                                .partitionIndexes(List.of(0))
                                .build()))
                        .build()))
                .build();
        var partition = world.coordinator
                .offsetFetch(new ClientContext("c", "/1.1.1.1", (short) 8), request)
                .join()
                .groups()
                .getFirst()
                .topics()
                .getFirst()
                .partitions()
                .getFirst();
        ErrorCode error = ErrorCode.forCode(partition.errorCode());
        return error == ErrorCode.NONE ? Long.toString(partition.committedOffset()) : error.name();
    }

    private void failOver() {
        world.coordinator.onResigned(0, world.log.leaderEpoch());
        world.elect();
    }

    @Test
    void offsetsCountWhenTheTransactionIsCommitted() {
        commit(1);
        assertThat(commitInTransaction(PRODUCER, 5, -1)).isEqualTo(ErrorCode.NONE);
        assertThat(fetch(false)).isEqualTo("1");
        assertThat(fetch(true)).isEqualTo("UNSTABLE_OFFSET_COMMIT");

        end(PRODUCER, true);

        assertThat(fetch(true)).isEqualTo("5");
        failOver();
        assertThat(fetch(true)).isEqualTo("5");
    }

    @Test
    void offsetsOfAnAbortedTransactionNeverWere() {
        commit(1);
        commitInTransaction(PRODUCER, 5, -1);
        end(PRODUCER, false);

        assertThat(fetch(true)).isEqualTo("1");
        failOver();
        assertThat(fetch(true)).isEqualTo("1");
    }

    @Test
    void anotherLeaderKnowsWhatIsOpen() {
        commitInTransaction(PRODUCER, 5, -1);
        failOver();
        assertThat(fetch(true)).isEqualTo("UNSTABLE_OFFSET_COMMIT");

        end(PRODUCER, true);

        assertThat(fetch(true)).isEqualTo("5");
    }

    @Test
    void theLaterRecordWinsNotTheLaterEnd() {
        commitInTransaction(PRODUCER, 5, -1);
        commitInTransaction(8, 6, -1);
        end(8, true);
        end(PRODUCER, true);
        assertThat(fetch(true)).isEqualTo("6");

        commitInTransaction(9, 7, -1);
        commit(2);
        end(9, true);

        assertThat(fetch(true)).isEqualTo("2");
        failOver();
        assertThat(fetch(true)).isEqualTo("2");
    }

    @Test
    void aProducerOfAnotherGenerationIsRefused() {
        assertThat(commitInTransaction(PRODUCER, 5, 3)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(fetch(true)).isEqualTo("-1");
    }

    @Test
    void batchesOfATransactionAreTheirOwn() {
        world.log.holdAppends();
        var first = world.coordinator.offsetCommit(
                new ClientContext("c", "/1.1.1.1", (short) 9),
                OffsetCommitRequest.builder().groupId("x").build());
        world.log.releaseAppends();
        assertThat(first).isCompleted();
        commit(1);
        commitInTransaction(PRODUCER, 5, -1);

        assertThat(world.log.batches()).extracting(batch -> batch.producerId()).containsExactly(-1L, PRODUCER);
    }
}
