package dev.tidemark.simulator.flaw;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.FetchableTopicResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.message.ProduceResponse;
import dev.tidemark.protocol.message.ProduceResponse.PartitionProduceResponse;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import java.util.ArrayList;
import java.util.List;

/// What a broker with a flaw answers, and what it sends after an answer.
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

    /// The fetch of a follower that has written what it was just given, when it has not yet.
    public static FetchRequest ahead(FetchRequest request, FetchResponse response) {
        List<FetchTopic> topics = new ArrayList<>();
        for (FetchableTopicResponse topic : response.responses()) {
            List<FetchPartition> partitions = new ArrayList<>();
            for (PartitionData data : topic.partitions()) {
                if (data.records() instanceof MemoryRecords records) ahead(data, records, partitions);
            }
            if (partitions.isEmpty()) continue;
            topics.add(FetchTopic.builder()
                    .topic(topic.topic())
                    .topicId(topic.topicId())
                    .partitions(partitions)
                    .build());
        }
        return request.toBuilder()
                .maxWaitMs(0)
                .sessionId(0)
                .sessionEpoch(-1)
                .topics(topics)
                .forgottenTopicsData(List.of())
                .build();
    }

    private static void ahead(PartitionData data, MemoryRecords records, List<FetchPartition> to) {
        BatchHeader last = null;
        for (BatchHeader batch : records.batches()) last = batch;
        if (last == null) return;
        // Of the leader's own epoch, but for what it got from those before it.
        to.add(FetchPartition.builder()
                .partition(data.partitionIndex())
                .currentLeaderEpoch(last.leaderEpoch())
                .fetchOffset(last.nextOffset())
                .lastFetchedEpoch(last.leaderEpoch())
                .logStartOffset(0)
                .partitionMaxBytes(1)
                .build());
    }

    /// The same markers, as they look to a partition that does not tell a later transaction from the one they are for.
    public static WriteTxnMarkersRequest late(WriteTxnMarkersRequest request) {
        return request.toBuilder()
                .markers(request.markers().stream()
                        .map(marker -> marker.toBuilder()
                                .producerEpoch((short) (marker.producerEpoch() + 1))
                                .build())
                        .toList())
                .build();
    }

    /// Markers that abort what is no offset.
    public static WriteTxnMarkersRequest withoutOutput(WriteTxnMarkersRequest request) {
        return request.toBuilder()
                .markers(request.markers().stream()
                        .map(marker -> isOfOffsets(marker)
                                ? marker
                                : marker.toBuilder().transactionResult(false).build())
                        .toList())
                .build();
    }

    private static boolean isOfOffsets(WritableTxnMarker marker) {
        return marker.topics().stream().anyMatch(topic -> topic.name().equals("__consumer_offsets"));
    }
}
