package dev.tidemark.broker.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.transaction.WriteMarkers;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarker;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import dev.tidemark.protocol.message.WriteTxnMarkersResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// WriteTxnMarkers between brokers.
final class MarkerMessages {
    private MarkerMessages() {}

    static WriteTxnMarkersRequest request(
            int coordinatorEpoch, WriteMarkers markers, SortedSet<TopicPartition> partitions) {
        SortedMap<String, List<Integer>> byTopic = new TreeMap<>();
        for (TopicPartition partition : partitions)
            byTopic.computeIfAbsent(partition.topic(), _ -> new ArrayList<>()).add(partition.partition());
        List<WritableTxnMarkerTopic> topics = new ArrayList<>();
        byTopic.forEach((topic, indexes) -> topics.add(new WritableTxnMarkerTopic(topic, indexes)));
        WritableTxnMarker marker = WritableTxnMarker.builder()
                .producerId(markers.producerId())
                .producerEpoch(markers.epoch())
                .transactionResult(markers.commit())
                .topics(topics)
                .coordinatorEpoch(coordinatorEpoch)
                .transactionVersion((byte) markers.clientVersion())
                .build();
        return WriteTxnMarkersRequest.builder().markers(List.of(marker)).build();
    }

    static Map<TopicPartition, ErrorCode> errors(WriteTxnMarkersResponse response) {
        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
        for (var marker : response.markers())
            for (var topic : marker.topics())
                for (var partition : topic.partitions())
                    errors.put(
                            new TopicPartition(topic.name(), partition.partitionIndex()),
                            ErrorCode.forCode(partition.errorCode()));
        return errors;
    }
}
