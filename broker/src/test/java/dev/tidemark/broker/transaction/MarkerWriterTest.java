package dev.tidemark.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.coordinator.runtime.CoordinatorLog;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.LogBatch;
import dev.tidemark.coordinator.transaction.TransactionConfig;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.coordinator.transaction.TransactionInput;
import dev.tidemark.coordinator.transaction.TransactionReply;
import dev.tidemark.coordinator.transaction.TransactionState;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerResult;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// Broker 1 coordinates; broker 2 leads the partition that the transaction has written into.
class MarkerWriterTest {
    private static final String ID = "id";
    private static final long PRODUCER = 100;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final TestPartitions world = new TestPartitions();
    private final ClusterView cluster = new ClusterView(1, world.partitions);
    private final Log log = new Log();
    private final List<Integer> askedOf = new ArrayList<>();
    private final TransactionCoordinator coordinator = new TransactionCoordinator(
            TransactionConfig::defaults,
            () -> 1,
            _ -> world.loop,
            Runnable::run,
            (partition, epoch, id, markers) -> writer().write(partition, epoch, id, markers));
    private @Nullable MarkerWriter writer;
    private CompletableFuture<Response> answer = new CompletableFuture<>();

    private MarkerWriter writer() {
        return Objects.requireNonNull(writer);
    }

    /// Takes all, or refuses all.
    private static final class Log implements CoordinatorLog {
        private @Nullable ErrorCode refusal;

        private void tell(AppendListener listener) {
            if (refusal == null) {
                listener.onAppended();
                listener.onCommitted();
            } else {
                listener.onFailed(refusal);
            }
        }

        @Override
        public void append(LogBatch batch, AppendListener listener) {
            tell(listener);
        }

        @Override
        public void appendMarker(EndMarker marker, AppendListener listener) {
            tell(listener);
        }

        @Override
        public void replay(ReplayListener listener) {
            listener.onEnd();
            listener.onCommitted();
        }
    }

    @BeforeEach
    void beginATransaction() {
        GroupCoordinator groups = new GroupCoordinator(
                () -> {
                    throw new AssertionError("no groups here");
                },
                _ -> {
                    throw new AssertionError("no groups here");
                },
                () -> {
                    throw new AssertionError("no groups here");
                },
                () -> Uuid.ZERO,
                _ -> world.loop,
                Runnable::run);
        MarkerTarget target = new MarkerTarget(world.partitions, groups, world.loop);
        writer = new MarkerWriter(cluster, target, this::onRequest, world.loop, coordinator);
        lead(2);
        coordinator.onElected(0, 3, log);
        submit(new TransactionInput.InitProducerId(60_000, -1, (short) -1, false, false, PRODUCER));
        submit(new TransactionInput.AddPartitions(PRODUCER, (short) 0, new TreeSet<>(List.of(PARTITION)), (short) 2));
    }

    private void lead(int leader) {
        PartitionRegistration partition =
                new PartitionRegistration(List.of(2, 3), List.of(), List.of(), List.of(2, 3), leader, 1, 1);
        cluster.show(ClusterImage.EMPTY.with(new MetadataChange.TopicCreated(
                new TopicImage("t", TestPartitions.idOf("t"), TreePVector.singleton(partition), 0))));
    }

    private CompletableFuture<Response> onRequest(int nodeId, Request request) {
        askedOf.add(nodeId);
        answer = new CompletableFuture<>();
        return answer;
    }

    private void answer(ErrorCode error) {
        var partition = new WritableTxnMarkerPartitionResult(PARTITION.partition(), error.code());
        var topic = new WritableTxnMarkerTopicResult(PARTITION.topic(), List.of(partition));
        answer.complete(WriteTxnMarkersResponse.builder()
                .markers(List.of(new WritableTxnMarkerResult(PRODUCER, List.of(topic))))
                .build());
    }

    private TransactionReply submit(TransactionInput input) {
        var reply = coordinator.submit(ID, input);
        world.loop.settle();
        assertThat(reply).isCompleted();
        return reply.join();
    }

    private void commit() {
        submit(new TransactionInput.End(PRODUCER, (short) 0, true, (short) 2, -1));
    }

    private @Nullable TransactionState state() {
        return submit(new TransactionInput.Describe()) instanceof TransactionReply.Described(var known) && known != null
                ? known.state()
                : null;
    }

    @Test
    void theTransactionIsOverWhenItsMarkersAreWritten() {
        commit();
        assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);

        answer(ErrorCode.NONE);

        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void aCoordinatorThatCannotWriteThatDownIsToldAgain() {
        commit();
        log.refusal = ErrorCode.NOT_ENOUGH_REPLICAS;
        answer(ErrorCode.NONE);
        world.loop.pass(1_000);
        assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);

        log.refusal = null;
        world.loop.pass(1_000);

        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
        assertThat(askedOf).as("the partition has its marker").containsExactly(2);
    }

    @Test
    void aMarkerIsTakenToTheNextLeader() {
        commit();
        answer.completeExceptionally(new IllegalStateException("broker 2 is gone"));
        lead(3);
        world.loop.pass(100);

        answer(ErrorCode.NONE);

        assertThat(askedOf).containsExactly(2, 3);
        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void whoCoordinatesNoMoreWritesNoMarkers() {
        commit();
        coordinator.onResigned(0, 4);
        answer(ErrorCode.LEADER_NOT_AVAILABLE);

        world.loop.pass(10_000);

        assertThat(askedOf).containsExactly(2);
    }
}
