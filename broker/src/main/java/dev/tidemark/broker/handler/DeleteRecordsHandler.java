package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.partition.ReplicaListener;
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

/// DeleteRecords 0-2: moves the log start offset of partitions up; offset -1 stands for the high watermark. Refused for
/// topics that are only compacted, and for internal ones (POLICY_VIOLATION, INVALID_TOPIC_EXCEPTION), as by Kafka.
public final class DeleteRecordsHandler implements Handler<DeleteRecordsRequest> {
    private static final long UP_TO_HIGH_WATERMARK = -1;
    private static final long NONE = -1;

    private final Partitions partitions;
    private final ReplicaListener replicaListener;

    public DeleteRecordsHandler(Partitions partitions, ReplicaListener replicaListener) {
        this.partitions = partitions;
        this.replicaListener = replicaListener;
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
                asked.add(delete(topic.name(), partition.partitionIndex(), partition.offset()));
            }
        }
        var _ = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> call.reply(response(request, asked)));
    }

    private CompletableFuture<DeleteRecordsPartitionResult> delete(String topic, int index, long offset) {
        Partition partition = partitions.get(topic, index);
        if (partition == null) return failed(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        if (ClusterView.isInternal(topic)) return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION);
        CompletableFuture<DeleteRecordsPartitionResult> answer = new CompletableFuture<>();
        partition.inTurn(
                () -> answer.complete(deleteInTurn(partition, offset)),
                () -> answer.complete(result(index, NONE, ErrorCode.KAFKA_STORAGE_ERROR)));
        return answer;
    }

    private DeleteRecordsPartitionResult deleteInTurn(Partition partition, long asked) {
        int index = partition.id().partition();
        ErrorCode error = partition.checkLeader(-1);
        if (error != ErrorCode.NONE) return result(index, NONE, error);
        if (!partition.log().config().delete()) return result(index, NONE, ErrorCode.POLICY_VIOLATION);
        long offset = asked == UP_TO_HIGH_WATERMARK ? partition.highWatermark() : asked;
        if (offset < 0 || offset > partition.highWatermark()) {
            return result(index, NONE, ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        long lowWatermark = partition.log().deleteRecordsTo(offset);
        replicaListener.onChanged(partition); // Whole segments below it can go.
        return result(index, lowWatermark, ErrorCode.NONE);
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
