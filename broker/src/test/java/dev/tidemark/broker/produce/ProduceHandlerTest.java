package dev.tidemark.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceRequest.PartitionProduceData;
import dev.tidemark.protocol.message.ProduceRequest.TopicProduceData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.PartitionProduceResponse;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.MemoryRecords;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProduceHandlerTest {
    private static final short BY_NAME = 9;
    private static final short BY_ID = 13;

    private final TestPartitions world = new TestPartitions();
    private final TestConnection client = new TestConnection(world.loop);
    private final Handlers handlers = new Handlers(List.of(new ProduceHandler(
            world.partitions, ClusterView::isInternal, new ClusterView(1, world.partitions), world.loop)));
    private final Dispatcher dispatcher = new Dispatcher(
            handlers,
            new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
            List.of());

    private void produce(int acks, short version, String topic, int partition, MemoryRecords records) {
        ProduceRequest request = ProduceRequest.builder()
                .acks(acks)
                .timeoutMs(1_000)
                .topicData(List.of(TopicProduceData.builder()
                        .name(topic)
                        .topicId(version >= BY_ID ? TestPartitions.idOf(topic) : Uuid.ZERO)
                        .partitionData(List.of(PartitionProduceData.builder()
                                .index(partition)
                                .records(records)
                                .build()))
                        .build()))
                .build();
        dispatcher.onRequest(client.exchange(TestConnection.frame(request, version)));
    }

    private PartitionProduceResponse reply() {
        return client.lastReply(ProduceResponse.class)
                .responses()
                .getFirst()
                .partitionResponses()
                .getFirst();
    }

    @Test
    void recordsGetTheNextOffsetsInTheOrderOfTheRequests() {
        world.led("t", 0);

        produce(-1, BY_NAME, "t", 0, world.batch("a", "b"));
        produce(1, BY_ID, "t", 0, world.batch("c"));

        assertThat(client.replies).hasSize(2);
        assertThat(reply().errorCode()).isZero();
        assertThat(reply().baseOffset()).isEqualTo(2);
    }

    @Test
    void withoutAcksThereIsNoReply() {
        world.led("t", 0);

        produce(0, BY_NAME, "t", 0, world.batch("a"));

        assertThat(client.replies).isEmpty();
        assertThat(client.withoutReply).isEqualTo(1);
    }

    @Test
    void withoutAcksAFailureClosesTheConnection() {
        produce(0, BY_NAME, "missing", 0, world.batch("a"));

        assertThat(client.closedBecause).singleElement().asString().contains("UNKNOWN_TOPIC_OR_PARTITION");
    }

    @Test
    void acksThatDoNotExistAreRefused() {
        world.led("t", 0);

        produce(2, BY_NAME, "t", 0, world.batch("a"));

        assertThat(reply().errorCode()).isEqualTo(ErrorCode.INVALID_REQUIRED_ACKS.code());
    }

    @Test
    void aPartitionThatIsNotLedHereIsRefused() {
        world.held("t", 0);

        produce(-1, BY_NAME, "t", 0, world.batch("a"));

        assertThat(reply().errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
    }

    @Test
    void anUnknownTopicIsRefusedByNameAndById() {
        produce(-1, BY_NAME, "missing", 0, world.batch("a"));
        assertThat(reply().errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());

        produce(-1, BY_ID, "missing", 0, world.batch("a"));
        assertThat(reply().errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void clientsCannotWriteInternalTopics() {
        world.led("__consumer_offsets", 0);

        produce(-1, BY_NAME, "__consumer_offsets", 0, world.batch("a"));

        assertThat(reply().errorCode()).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION.code());
    }

    @Test
    void aDamagedBatchIsRefusedAndLeavesNothingBehind() {
        var partition = world.led("t", 0);
        MemoryRecords damaged = world.batch("a");
        int last = damaged.buffer().limit() - 1;
        damaged.buffer().put(last, (byte) (damaged.buffer().get(last) ^ 1));

        produce(-1, BY_NAME, "t", 0, damaged);

        assertThat(reply().errorCode()).isEqualTo(ErrorCode.CORRUPT_MESSAGE.code());
        assertThat(partition.log().snapshot().logEndOffset()).isZero();
    }

    @Test
    void whereTheTopicWantsEveryRecordOnDiskTheAnswerWaitsForThat() {
        var partition = world.led("t", 0);
        partition.inTurn(() -> partition
                .log()
                .onConfigChange(
                        partition.log().config().toBuilder().flushMessages(1).build()));

        produce(1, BY_NAME, "t", 0, world.batch("a"));

        assertThat(reply().errorCode()).isZero();
        assertThat(partition.log().recoveryPoint()).isEqualTo(1);
    }

    @Test
    void zstdFromAClientThatIsTooOldForItIsRefused() {
        world.led("t", 0);

        produce(-1, (short) 6, "t", 0, world.batch(Compression.of(CompressionType.ZSTD), "a"));

        assertThat(reply().errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE.code());
    }
}
