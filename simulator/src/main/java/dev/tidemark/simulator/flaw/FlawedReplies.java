package dev.tidemark.simulator.flaw;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.PartitionProduceResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import java.util.List;

/// Answers as a broker with a flaw gives or makes them up.
public final class FlawedReplies {
    private FlawedReplies() {}

    /// An answer as the broker sends it.
    public static Response changed(Flaw flaw, Response response) {
        if (flaw == Flaw.STALE_LEADER_SERVES && response instanceof ProduceResponse produced) return served(produced);
        if (flaw == Flaw.ABORTED_SHOWN && response instanceof FetchResponse fetched) return showingAborted(fetched);
        return response;
    }

    private static ProduceResponse served(ProduceResponse response) {
        return response.toBuilder()
                .responses(response.responses().stream()
                        .map(topic -> topic.toBuilder()
                                .partitionResponses(topic.partitionResponses().stream()
                                        .map(FlawedReplies::served)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static PartitionProduceResponse served(PartitionProduceResponse partition) {
        if (partition.errorCode() != ErrorCode.NOT_LEADER_OR_FOLLOWER.code()) return partition;
        return partition.toBuilder().errorCode(ErrorCode.NONE.code()).build();
    }

    private static FetchResponse showingAborted(FetchResponse response) {
        return response.toBuilder()
                .responses(response.responses().stream()
                        .map(topic -> topic.toBuilder()
                                .partitions(topic.partitions().stream()
                                        .map(FlawedReplies::showingAborted)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static PartitionData showingAborted(PartitionData partition) {
        List<?> aborted = partition.abortedTransactions();
        if (aborted == null || aborted.isEmpty()) return partition;
        return partition.toBuilder().abortedTransactions(List.of()).build();
    }

    /// The answer that all of it is committed.
    public static OffsetCommitResponse committed(OffsetCommitRequest request) {
        return OffsetCommitResponse.builder()
                .topics(request.topics().stream()
                        .map(topic -> OffsetCommitResponse.OffsetCommitResponseTopic.builder()
                                .name(topic.name())
                                .topicId(topic.topicId())
                                .partitions(topic.partitions().stream()
                                        .map(partition -> OffsetCommitResponse.OffsetCommitResponsePartition.builder()
                                                .partitionIndex(partition.partitionIndex())
                                                .build())
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    /// The answer that all markers are written.
    public static WriteTxnMarkersResponse written(WriteTxnMarkersRequest request) {
        return WriteTxnMarkersResponse.builder()
                .markers(request.markers().stream()
                        .map(marker -> WriteTxnMarkersResponse.WritableTxnMarkerResult.builder()
                                .producerId(marker.producerId())
                                .topics(marker.topics().stream()
                                        .map(FlawedReplies::written)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static WriteTxnMarkersResponse.WritableTxnMarkerTopicResult written(
            WriteTxnMarkersRequest.WritableTxnMarkerTopic topic) {
        return WriteTxnMarkersResponse.WritableTxnMarkerTopicResult.builder()
                .name(topic.name())
                .partitions(topic.partitionIndexes().stream()
                        .map(index -> new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult(
                                index, ErrorCode.NONE.code()))
                        .toList())
                .build();
    }

    /// The answer that the controller agrees, which nobody has asked.
    public static AlterPartitionResponse agreed(AlterPartitionRequest request) {
        return AlterPartitionResponse.builder()
                .topics(request.topics().stream()
                        .map(topic -> AlterPartitionResponse.TopicData.builder()
                                .topicId(topic.topicId())
                                .partitions(topic.partitions().stream()
                                        .map(FlawedReplies::agreed)
                                        .toList())
                                .build())
                        .toList())
                .build();
    }

    private static AlterPartitionResponse.PartitionData agreed(AlterPartitionRequest.PartitionData partition) {
        return AlterPartitionResponse.PartitionData.builder()
                .partitionIndex(partition.partitionIndex())
                .errorCode(ErrorCode.NONE.code())
                .leaderEpoch(partition.leaderEpoch())
                .partitionEpoch(partition.partitionEpoch() + 1)
                .isr(partition.newIsrWithEpochs().stream()
                        .map(AlterPartitionRequest.BrokerState::brokerId)
                        .toList())
                .build();
    }
}
