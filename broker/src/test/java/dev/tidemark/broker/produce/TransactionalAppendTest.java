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

    private void end(int epoch, int version) {
        EndMarker marker = new EndMarker(PRODUCER, (short) epoch, false, 0, (short) version);
        MarkerAppend.append(partition, -1, marker, 0, new AppendListener() {
            @Override
            public void onAppended(int index, AppendResult result, boolean committed) {}

            @Override
            public void onCommitted(int index) {}

            @Override
            public void onCommitFailed(int index, ErrorCode error) {}
        });
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

        assertThat(error()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
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
}
