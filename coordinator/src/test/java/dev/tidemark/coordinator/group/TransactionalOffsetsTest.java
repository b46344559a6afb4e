package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
        return error(ask(producerId, 0, offset, generation, CompletableFuture.completedFuture(ErrorCode.NONE)));
    }

    private static ErrorCode error(CompletableFuture<TxnOffsetCommitResponse> answer) {
        assertThat(answer).isCompleted();
        return ErrorCode.forCode(
                answer.join().topics().getFirst().partitions().getFirst().errorCode());
    }

    /// @param open what the transaction coordinator says, sooner or later
    private CompletableFuture<TxnOffsetCommitResponse> ask(
            long producerId, int epoch, long offset, int generation, CompletableFuture<ErrorCode> open) {
        return ask(request(producerId, epoch, offset, "", generation), open);
    }

    private CompletableFuture<TxnOffsetCommitResponse> ask(
            TxnOffsetCommitRequest request, CompletableFuture<ErrorCode> open) {
        return world.coordinator.txnOffsetCommit(new ClientContext("c", "/1.1.1.1", (short) 5), request, () -> open);
    }

    private static TxnOffsetCommitRequest request(
            long producerId, int epoch, long offset, String memberId, int generation) {
        return TxnOffsetCommitRequest.builder()
                .transactionalId("id")
                .groupId("g")
                .producerId(producerId)
                .producerEpoch((short) epoch)
                .memberId(memberId)
                .generationIdOrMemberEpoch(generation)
                .topics(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                        .name("t")
                        .partitions(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
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
        assertThat(end(producerId, 1, commit, 2)).isCompletedWithValue(ErrorCode.NONE);
    }

    private CompletableFuture<ErrorCode> end(long producerId, int epoch, boolean commit, int version) {
        EndMarker marker = new EndMarker(producerId, (short) epoch, commit, 3, (short) version);
        return world.coordinator.endTransaction(0, marker);
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
    void aMemberMayCommitBeforeTheLeaderHasAssigned() {
        TestClient member = new TestClient("A", world);
        member.topics = List.of("t");
        var _ = member.join();
        var _ = member.join();
        world.loop.advance(3_000);

        var answer = ask(
                request(PRODUCER, 0, 5, member.memberId, member.generation),
                CompletableFuture.completedFuture(ErrorCode.NONE));

        assertThat(member.generation).isEqualTo(1);
        assertThat(error(answer)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anOldOffsetDoesNotTakeAPendingOneWithItWhenItsTimeIsOver() {
        commit(1);
        world.loop.advance(world.config.offsetsRetentionMs() - 1);
        commitInTransaction(PRODUCER, 5, -1);
        world.loop.advance(world.config.offsetsRetentionCheckIntervalMs());

        end(PRODUCER, true);

        assertThat(fetch(true)).isEqualTo("5");
        failOver();
        assertThat(fetch(true)).isEqualTo("5");
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

    @Test
    void offsetsThatTheirMarkerOvertakesStayOut() {
        commit(1);
        CompletableFuture<ErrorCode> open = new CompletableFuture<>();
        var late = ask(PRODUCER, 0, 5, -1, open);
        assertThat(end(PRODUCER, 0, false, 1)).isCompletedWithValue(ErrorCode.NONE);

        open.complete(ErrorCode.NONE);

        assertThat(error(late)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(fetch(true)).isEqualTo("1");
        failOver();
        assertThat(fetch(true)).isEqualTo("1");
    }

    @Test
    void offsetsThatWaitForTheirGroupStayOutWhenTheMarkerIsBeforeThem() {
        world.log.holdAppends();
        OffsetCommitRequest plain = OffsetCommitRequest.builder()
                .groupId("g")
                .generationIdOrMemberEpoch(-1)
                .topics(List.of(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .name("t")
                        .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                .committedOffset(1)
                                .build()))
                        .build()))
                .build();
        var busy = world.coordinator.offsetCommit(new ClientContext("c", "/1.1.1.1", (short) 9), plain);
        var late = ask(PRODUCER, 0, 5, -1, CompletableFuture.completedFuture(ErrorCode.NONE));
        var ended = end(PRODUCER, 0, true, 1);

        world.log.releaseAppends();

        assertThat(busy).isCompleted();
        assertThat(ended).isCompletedWithValue(ErrorCode.NONE);
        assertThat(error(late)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(fetch(true)).isEqualTo("1");
    }

    @Test
    void offsetsThatAreBeforeTheirMarkerCount() {
        world.log.holdAppends();
        var inTime = ask(PRODUCER, 0, 5, -1, CompletableFuture.completedFuture(ErrorCode.NONE));
        var ended = end(PRODUCER, 0, true, 1);

        world.log.releaseAppends();

        assertThat(error(inTime)).isEqualTo(ErrorCode.NONE);
        assertThat(ended).isCompletedWithValue(ErrorCode.NONE);
        assertThat(fetch(true)).isEqualTo("5");
    }

    @Test
    void offsetsOfTheNextTransactionMayWaitForTheMarkerOfTheLast() {
        commitInTransaction(PRODUCER, 5, -1);
        CompletableFuture<ErrorCode> open = new CompletableFuture<>();
        var next = ask(PRODUCER, 1, 6, -1, open);
        end(PRODUCER, true);

        open.complete(ErrorCode.NONE);

        assertThat(error(next)).isEqualTo(ErrorCode.NONE);
        assertThat(fetch(false)).isEqualTo("5");
        assertThat(fetch(true)).isEqualTo("UNSTABLE_OFFSET_COMMIT");
        assertThat(end(PRODUCER, 2, true, 2)).isCompletedWithValue(ErrorCode.NONE);
        assertThat(fetch(true)).isEqualTo("6");
    }

    @Test
    void markersOfOthersDisturbNobody() {
        CompletableFuture<ErrorCode> open = new CompletableFuture<>();
        var commit = ask(PRODUCER, 0, 5, -1, open);
        end(8, true);

        open.complete(ErrorCode.NONE);

        assertThat(error(commit)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anAnswerFromBeforeAnotherLeaderCountsForNothing() {
        CompletableFuture<ErrorCode> open = new CompletableFuture<>();
        var commit = ask(PRODUCER, 0, 5, -1, open);
        failOver();

        open.complete(ErrorCode.NONE);

        assertThat(error(commit)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(fetch(true)).isEqualTo("-1");
    }

    @Test
    void whatTheTransactionCoordinatorRefusesIsToldAndNotWritten() {
        CompletableFuture<ErrorCode> open = new CompletableFuture<>();
        var commit = ask(PRODUCER, 0, 5, -1, open);

        open.complete(ErrorCode.TRANSACTION_ABORTABLE);

        assertThat(error(commit)).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(fetch(true)).isEqualTo("-1");
        assertThat(world.log.batches()).isEmpty();
    }
}
