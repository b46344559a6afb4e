package dev.tidemark.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.partition.AppendListener;
import dev.tidemark.broker.partition.MarkerAppend;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.log.AppendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What a transaction coordinator says to the first record of a transaction, and what happens meanwhile.
class TransactionalAppendTest {
    private static final long PRODUCER = 7;
    private static final short V1 = 11;
    private static final short V2 = 12;

    private final TestPartitions world = new TestPartitions();
    private final Partition partition = world.led("t", 0);
    private final TestConnection client = new TestConnection(world.loop);
    private final List<TransactionCheck.Question> asked = new ArrayList<>();
    private CompletableFuture<ErrorCode> answer = new CompletableFuture<>();
    private final Handlers handlers = new Handlers(List.of(new ProduceHandler(
            world.partitions,
            ClusterView::isInternal,
            new ClusterView(1, world.partitions),
            world.loop,
            this::onQuestion)));
    private final Dispatcher dispatcher = new Dispatcher(
            handlers,
            new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
            List.of());

    private CompletableFuture<ErrorCode> onQuestion(TransactionCheck.Question question) {
        asked.add(question);
        answer = new CompletableFuture<>();
        return answer;
    }

    private void produce(short version, int epoch, int sequence) {
        MemoryRecords records = new MemoryRecords(new RecordBatchBuilder(Compression.NONE)
                .producer(PRODUCER, (short) epoch, sequence)
                .transactional()
                .add(0, Bytes.utf8("k"), Bytes.utf8("v"))
                .build());
        ProduceRequest request = ProduceRequest.builder()
                .transactionalId("id")
                .acks((short) -1)
                .timeoutMs(1_000)
                .topicData(List.of(TopicProduceData.builder()
                        .name("t")
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(0)
                                .records(records)
                                .build()))
                        .build()))
                .build();
        dispatcher.onRequest(client.exchange(TestConnection.frame(request, version)));
    }

    private ErrorCode end(int epoch, int version) {
        AtomicReference<ErrorCode> error = new AtomicReference<>(ErrorCode.NONE);
        EndMarker marker = new EndMarker(PRODUCER, (short) epoch, false, 0, (short) version);
        MarkerAppend.append(partition, -1, marker, 0, new AppendListener() {
            @Override
            public void onAppended(int index, AppendResult result, boolean committed) {
                if (result instanceof AppendResult.Rejected rejected) error.set(rejected.error());
            }

            @Override
            public void onCommitted(int index) {}

            @Override
            public void onCommitFailed(int index, ErrorCode failure) {}
        });
        return error.get();
    }

    private ErrorCode error() {
        return ErrorCode.forCode(client.lastReply(ProduceResponse.class)
                .responses()
                .getFirst()
                .partitionResponses()
                .getFirst()
                .errorCode());
    }

    @Test
    void onlyTheFirstRecordOfATransactionIsAskedFor() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        produce(V2, 0, 1);

        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst().add()).isTrue();
        assertThat(error()).isEqualTo(ErrorCode.NONE);
        assertThat(partition.log().snapshot().logEndOffset()).isEqualTo(2);
    }

    @Test
    void aProducerThatIsOutLearnsIt() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.PRODUCER_FENCED);

        assertThat(error()).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
        assertThat(partition.log().snapshot().logEndOffset()).isZero();
    }

    @Test
    void aRecordThatComesAfterTheEndOfItsTransactionStaysOut() {
        produce(V1, 0, 0);
        end(0, 1);
        answer.complete(ErrorCode.NONE);

        assertThat(asked.getFirst().add()).isFalse();
        assertThat(error()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isFalse();
    }

    @Test
    void anAnswerFromBeforeALossOfTheLeadershipCountsForNothing() {
        produce(V2, 0, 0);
        var _ = partition.resign(6);
        var _ = partition.lead(new LeaderTerm(7, 1, List.of(1), List.of(1)));
        answer.complete(ErrorCode.NONE);

        assertThat(error()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(partition.log().snapshot().logEndOffset()).isZero();
    }

    @Test
    void theNextTransactionIsAskedForAgain() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        end(1, 2);
        produce(V2, 1, 0);
        answer.complete(ErrorCode.NONE);

        assertThat(asked).hasSize(2);
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isTrue();
    }

    @Test
    void anAnswerFromAnEarlierLeadershipCountsForNothing() {
        produce(V2, 0, 0);
        var _ = partition.lead(new LeaderTerm(7, 1, List.of(1), List.of(1)));
        answer.complete(ErrorCode.NONE);
        assertThat(error()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);

        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);

        assertThat(asked).hasSize(2);
        assertThat(error()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void theMarkerOfTheLastTransactionMayComeWhileTheNextOneIsAskedFor() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        produce(V2, 1, 0);
        assertThat(end(1, 2)).isEqualTo(ErrorCode.NONE);

        answer.complete(ErrorCode.NONE);

        assertThat(error()).isEqualTo(ErrorCode.NONE);
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isTrue();
        assertThat(partition.log().producerEpoch(PRODUCER)).isEqualTo((short) 1);
    }

    @Test
    void theRepeatedMarkerOfTheLastTransactionEndsNothingOfTheNext() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        end(1, 2);
        produce(V2, 1, 0);
        assertThat(end(1, 2)).isEqualTo(ErrorCode.NONE);
        answer.complete(ErrorCode.NONE);

        assertThat(end(1, 2)).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);

        assertThat(error()).isEqualTo(ErrorCode.NONE);
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isTrue();
    }

    @Test
    void anAbortOnTimeoutOvertakesTheAnswerInEveryVersion() {
        produce(V2, 0, 0);
        end(1, 2);
        answer.complete(ErrorCode.NONE);
        assertThat(error()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);

        produce(V1, 1, 0);
        end(2, 1);
        answer.complete(ErrorCode.NONE);

        assertThat(error()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isFalse();
    }

    @Test
    void recordsOfAnAbortedTransactionThatComeLateStayOutWhateverAnOldCoordinatorSays() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        end(1, 2);
        long endOffset = partition.log().snapshot().logEndOffset();

        produce(V2, 0, 1);
        answer.complete(ErrorCode.PRODUCER_FENCED);
        assertThat(error()).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
        produce(V2, 0, 1);
        answer.complete(ErrorCode.NONE);

        assertThat(error()).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
        assertThat(partition.log().snapshot().logEndOffset()).isEqualTo(endOffset);
    }

    @Test
    void aCoordinatorThatDoesNotAnswerIsAskedAgainForTheSameRecord() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(error()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);

        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);

        assertThat(asked).hasSize(2);
        assertThat(error()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void whatWasSentBehindARefusedRecordIsToBeSentAgainToo() {
        produce(V2, 0, 0);
        answer.complete(ErrorCode.NONE);
        end(1, 2);
        produce(V2, 1, 0);
        answer.complete(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(error()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);

        produce(V2, 1, 1);
        answer.complete(ErrorCode.NONE);

        assertThat(error().isRetriable()).as("not a gap that ends the producer").isTrue();
        assertThat(partition.log().hasOpenTransaction(PRODUCER)).isFalse();
    }
}
