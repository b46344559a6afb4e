package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DeleteRecordsRequest;
import dev.tidemark.protocol.message.DeleteRecordsRequest.DeleteRecordsPartition;
import dev.tidemark.protocol.message.DeleteRecordsRequest.DeleteRecordsTopic;
import dev.tidemark.protocol.message.DeleteRecordsResponse;
import dev.tidemark.protocol.message.DeleteRecordsResponse.DeleteRecordsPartitionResult;
import dev.tidemark.protocol.message.DeleteRecordsResponse.DeleteRecordsTopicResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// DeleteRecords 0-2: moves the log start offset of partitions up, on every living replica; offset -1 stands for the
/// high watermark. Refused for topics that are only compacted, and for internal ones (POLICY_VIOLATION,
/// INVALID_TOPIC_EXCEPTION), as by Kafka.
public final class DeleteRecordsHandler implements Handler<DeleteRecordsRequest> {
    private static final long NONE = -1;

    private final Partitions partitions;
    private final ClusterView cluster;

    public DeleteRecordsHandler(Partitions partitions, ClusterView cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DELETE_RECORDS;
    }

    @Override
    public Class<DeleteRecordsRequest> requestType() {
        return DeleteRecordsRequest.class;
    }

    @Override
    public void handle(DeleteRecordsRequest request, Call call) {
        List<CompletableFuture<DeleteRecordsPartitionResult>> asked = new ArrayList<>();
        for (DeleteRecordsTopic topic : request.topics()) {
            for (DeleteRecordsPartition partition : topic.partitions()) {
                asked.add(delete(topic.name(), partition.partitionIndex(), partition.offset(), request.timeoutMs()));
            }
        }
        var _ = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> call.reply(response(request, asked)));
    }

    private CompletableFuture<DeleteRecordsPartitionResult> delete(
            String topic, int index, long offset, int timeoutMs) {
        Partition partition = partitions.get(topic, index);
        if (partition == null) return failed(index, cluster.whyNotHere(topic, index));
        if (ClusterView.isInternal(topic)) return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION);
        return partition
                .deleteRecords(offset, timeoutMs)
                .thenApply(deleted -> result(index, deleted.lowWatermark(), deleted.error()));
    }

    private static CompletableFuture<DeleteRecordsPartitionResult> failed(int partition, ErrorCode error) {
        return CompletableFuture.completedFuture(result(partition, NONE, error));
    }

    private static DeleteRecordsPartitionResult result(int partition, long lowWatermark, ErrorCode error) {
        return new DeleteRecordsPartitionResult(partition, lowWatermark, error.code());
    }

    private static DeleteRecordsResponse response(
            DeleteRecordsRequest request, List<CompletableFuture<DeleteRecordsPartitionResult>> asked) {
        List<DeleteRecordsTopicResult> topics = new ArrayList<>();
        int next = 0;
        for (DeleteRecordsTopic topic : request.topics()) {
            int count = topic.partitions().size();
            topics.add(new DeleteRecordsTopicResult(
                    topic.name(),
                    asked.subList(next, next + count).stream()
                            .map(CompletableFuture::join)
                            .toList()));
            next += count;
        }
        return DeleteRecordsResponse.builder().topics(topics).build();
    }
}
