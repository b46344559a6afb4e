package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerResult;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// WriteTxnMarkers 1-2: a transaction coordinator, or an operator who aborts a hanging transaction, ends transactions
/// in partitions that this broker leads. Answered when all markers are committed.
public final class WriteTxnMarkersHandler implements Handler<WriteTxnMarkersRequest> {
    private final MarkerTarget target;

    public WriteTxnMarkersHandler(MarkerTarget target) {
        this.target = target;
    }

    @Override
    public ApiKey api() {
        return ApiKey.WRITE_TXN_MARKERS;
    }

    @Override
    public Class<WriteTxnMarkersRequest> requestType() {
        return WriteTxnMarkersRequest.class;
    }

    @Override
    public void handle(WriteTxnMarkersRequest request, Call call) {
        List<CompletableFuture<ErrorCode>> written = new ArrayList<>();
        for (WritableTxnMarker marker : request.markers()) {
            EndMarker end = new EndMarker(
                    marker.producerId(),
                    marker.producerEpoch(),
                    marker.transactionResult(),
                    marker.coordinatorEpoch(),
                    marker.transactionVersion());
            for (WritableTxnMarkerTopic topic : marker.topics())
                for (int index : topic.partitionIndexes())
                    written.add(target.write(new TopicPartition(topic.name(), index), end));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(written.toArray(CompletableFuture[]::new));
        var _ = all.thenAccept(_ -> call.reply(answer(request, written)));
        if (!all.isDone()) call.next();
    }

    private static WriteTxnMarkersResponse answer(
            WriteTxnMarkersRequest request, List<CompletableFuture<ErrorCode>> written) {
        List<WritableTxnMarkerResult> markers = new ArrayList<>();
        int next = 0;
        for (WritableTxnMarker marker : request.markers()) {
            List<WritableTxnMarkerTopicResult> topics = new ArrayList<>();
            for (WritableTxnMarkerTopic topic : marker.topics()) {
                List<WritableTxnMarkerPartitionResult> partitions = new ArrayList<>();
                for (int index : topic.partitionIndexes())
                    partitions.add(new WritableTxnMarkerPartitionResult(
                            index, written.get(next++).join().code()));
                topics.add(new WritableTxnMarkerTopicResult(topic.name(), partitions));
            }
            markers.add(new WritableTxnMarkerResult(marker.producerId(), topics));
        }
        return WriteTxnMarkersResponse.builder().markers(markers).build();
    }
}
