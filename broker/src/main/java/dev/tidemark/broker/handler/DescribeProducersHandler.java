package dev.tidemark.broker.handler;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeProducersRequest;
import dev.tidemark.protocol.message.DescribeProducersRequest.TopicRequest;
import dev.tidemark.protocol.message.DescribeProducersResponse;
import dev.tidemark.protocol.message.DescribeProducersResponse.PartitionResponse;
import dev.tidemark.protocol.message.DescribeProducersResponse.ProducerState;
import dev.tidemark.protocol.message.DescribeProducersResponse.TopicResponse;
import dev.tidemark.storage.log.ProducerView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// DescribeProducers 0 (KIP-664): the producers that a partition's leader remembers. They belong to the partition's
/// turn, so each partition is asked in its own.
public final class DescribeProducersHandler implements Handler<DescribeProducersRequest> {
    private final Partitions partitions;
    private final Clock clock;

    public DescribeProducersHandler(Partitions partitions, Clock clock) {
        this.partitions = partitions;
        this.clock = clock;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_PRODUCERS;
    }

    @Override
    public Class<DescribeProducersRequest> requestType() {
        return DescribeProducersRequest.class;
    }

    @Override
    public void handle(DescribeProducersRequest request, Call call) {
        List<CompletableFuture<PartitionResponse>> asked = new ArrayList<>();
        for (TopicRequest topic : request.topics()) {
            for (int partition : topic.partitionIndexes()) asked.add(describe(topic.name(), partition));
        }
        var _ = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> call.reply(response(request, asked)));
    }

    private CompletableFuture<PartitionResponse> describe(String topic, int index) {
        Partition partition = partitions.get(topic, index);
        ErrorCode error = partition == null ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : partition.checkLeader(-1);
        if (partition == null || error != ErrorCode.NONE) {
            return CompletableFuture.completedFuture(failed(index, error));
        }
        CompletableFuture<PartitionResponse> answer = new CompletableFuture<>();
        partition.inTurn(
                () -> answer.complete(PartitionResponse.builder()
                        .partitionIndex(index)
                        .activeProducers(partition.log().activeProducers(clock.wallMs()).stream()
                                .map(DescribeProducersHandler::state)
                                .toList())
                        .build()),
                () -> answer.complete(failed(index, ErrorCode.KAFKA_STORAGE_ERROR)));
        return answer;
    }

    private static PartitionResponse failed(int index, ErrorCode error) {
        return PartitionResponse.builder()
                .partitionIndex(index)
                .errorCode(error.code())
                .errorMessage(error.defaultMessage())
                .build();
    }

    private static ProducerState state(ProducerView producer) {
        return ProducerState.builder()
                .producerId(producer.producerId())
                .producerEpoch(producer.producerEpoch())
                .lastSequence(producer.lastSequence())
                .lastTimestamp(producer.lastTimestampMs())
                .coordinatorEpoch(producer.coordinatorEpoch())
                .currentTxnStartOffset(producer.currentTxnFirstOffset())
                .build();
    }

    private static DescribeProducersResponse response(
            DescribeProducersRequest request, List<CompletableFuture<PartitionResponse>> asked) {
        List<TopicResponse> topics = new ArrayList<>();
        int next = 0;
        for (TopicRequest topic : request.topics()) {
            int count = topic.partitionIndexes().size();
            topics.add(new TopicResponse(
                    topic.name(),
                    asked.subList(next, next + count).stream()
                            .map(CompletableFuture::join)
                            .toList()));
            next += count;
        }
        return DescribeProducersResponse.builder().topics(topics).build();
    }
}
