package dev.tidemark.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.produce.TransactionCheck.Question;
import dev.tidemark.coordinator.transaction.TransactionConfig;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AddPartitionsToTxnRequest;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnResult;
import dev.tidemark.protocol.message.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// How broker 1 asks the transaction coordinator, on broker 2 at first, whether a partition may take a record.
class TransactionGateTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final long ALL_PAUSES_MS = 2 + 4 + 8 + 16 + 32 + 64;

    private final TestPartitions world = new TestPartitions();
    private final ClusterView cluster = new ClusterView(1, world.partitions);
    private final List<Integer> askedOf = new ArrayList<>();
    private CompletableFuture<Response> answer = new CompletableFuture<>();
    private final TransactionGate gate = new TransactionGate(
            cluster,
            new TransactionCoordinator(
                    TransactionConfig::defaults, () -> 1, _ -> world.loop, Runnable::run, (_, _, _, _) -> {}),
            this::onQuestion,
            world.loop);

    @BeforeEach
    void letBrokerTwoCoordinate() {
        coordinate(2);
    }

    private void coordinate(int leader) {
        PartitionRegistration partition =
                new PartitionRegistration(List.of(1, 2, 3), List.of(), List.of(), List.of(1, 2, 3), leader, 1, 1);
        String topic = TransactionCoordinator.TRANSACTION_TOPIC;
        cluster.show(ClusterImage.EMPTY.with(new MetadataChange.TopicCreated(
                new TopicImage(topic, TestPartitions.idOf(topic), TreePVector.singleton(partition), 0))));
    }

    private CompletableFuture<Response> onQuestion(int nodeId, Request request) {
        assertThat(request).isInstanceOf(AddPartitionsToTxnRequest.class);
        askedOf.add(nodeId);
        answer = new CompletableFuture<>();
        return answer;
    }

    private void answer(ErrorCode error) {
        var partition = new AddPartitionsToTxnPartitionResult(PARTITION.partition(), error.code());
        var topic = new AddPartitionsToTxnTopicResult(PARTITION.topic(), List.of(partition));
        answer.complete(AddPartitionsToTxnResponse.builder()
                .resultsByTransaction(List.of(new AddPartitionsToTxnResult("id", List.of(topic))))
                .build());
    }

    private CompletableFuture<ErrorCode> ask(boolean add) {
        return gate.ask(new Question("id", 7, (short) 1, PARTITION, add));
    }

    @Test
    void theFirstRecordWaitsForTheMarkersOfTheLastTransaction() {
        var asked = ask(true);
        answer(ErrorCode.CONCURRENT_TRANSACTIONS);
        world.loop.pass(2);
        answer(ErrorCode.CONCURRENT_TRANSACTIONS);
        world.loop.pass(3);
        assertThat(askedOf).as("pauses grow").hasSize(2);
        world.loop.pass(1);
        assertThat(asked).isNotDone();

        answer(ErrorCode.NONE);

        assertThat(asked).isCompletedWithValue(ErrorCode.NONE);
        assertThat(askedOf).containsExactly(2, 2, 2);
    }

    @Test
    void nobodyWaitsForMarkersForLong() {
        var asked = ask(true);
        for (int i = 0; i < 7; i++) {
            assertThat(asked).isNotDone();
            answer(ErrorCode.CONCURRENT_TRANSACTIONS);
            world.loop.pass(ALL_PAUSES_MS);
        }

        assertThat(asked).isCompletedWithValue(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(askedOf).hasSize(7);
    }

    @Test
    void aProducerThatNamedItsPartitionsItselfHasWaitedAlready() {
        var asked = ask(false);

        answer(ErrorCode.CONCURRENT_TRANSACTIONS);

        assertThat(asked).isCompletedWithValue(ErrorCode.CONCURRENT_TRANSACTIONS);
    }

    @Test
    void aProducerThatIsPutOutWhileItWaitsLearnsIt() {
        var asked = ask(true);
        answer(ErrorCode.CONCURRENT_TRANSACTIONS);
        world.loop.pass(2);

        answer(ErrorCode.PRODUCER_FENCED);

        assertThat(asked).isCompletedWithValue(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void theQuestionFollowsTheCoordinator() {
        var asked = ask(true);
        answer(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinate(3);
        world.loop.pass(2);

        answer(ErrorCode.NONE);

        assertThat(asked).isCompletedWithValue(ErrorCode.NONE);
        assertThat(askedOf).containsExactly(2, 3);
    }

    @Test
    void aCoordinatorThatIsLostWhileTheQuestionWaitsIsToldAsSuch() {
        var asked = ask(true);
        answer(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinate(PartitionRegistration.NO_LEADER);

        world.loop.pass(2);

        assertThat(asked).isCompletedWithValue(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    void aBrokerThatDoesNotAnswerIsNoCoordinator() {
        var asked = ask(true);

        answer.completeExceptionally(new IllegalStateException("no answer in time"));

        assertThat(asked).isCompletedWithValue(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    void aBrokerThatIsToCoordinateAndDoesNotYetSaysSo() {
        coordinate(1);

        assertThat(ask(true)).isCompletedWithValue(ErrorCode.NOT_COORDINATOR);
        assertThat(askedOf).isEmpty();
    }
}
