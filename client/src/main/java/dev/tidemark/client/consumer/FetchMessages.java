package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Between a session's requests and the wire.
final class FetchMessages {
    /// From this version on topics go by id only.
    private static final int TOPIC_ID_VERSION = 13;

    private static final int CONSUMER = -1;

    private FetchMessages() {}

    static Call<FetchResponse> call(FetchSession.Request session, ConsumerConfig config) {
        FetchRequest request = FetchRequest.builder()
                .replicaId(CONSUMER)
                .maxWaitMs(config.fetchMaxWaitMs())
                .minBytes(config.fetchMinBytes())
                .maxBytes(config.fetchBytesMax())
                .isolationLevel(config.isReadCommitted() ? 1 : 0)
                .sessionId(session.sessionId())
                .sessionEpoch(session.epoch())
                .topics(topics(session.named(), config))
                .forgottenTopicsData(forgotten(session.forgotten()))
                .rackId(config.rackId())
                .build();
        boolean hasIds = session.named().values().stream()
                        .noneMatch(want -> want.topicId().isZero())
                && session.forgotten().values().stream()
                        .noneMatch(want -> want.topicId().isZero());
        Call<FetchResponse> call =
                Call.of(request, FetchResponse.class, config.client().requestTimeoutMs() + config.fetchMaxWaitMs());
        return hasIds ? call : call.upTo(TOPIC_ID_VERSION - 1);
    }

    private static List<FetchRequest.FetchTopic> topics(
            Map<TopicPartition, FetchSession.Want> named, ConsumerConfig config) {
        Map<String, List<FetchRequest.FetchPartition>> partitions = new LinkedHashMap<>();
        Map<String, Uuid> ids = new HashMap<>();
        named.forEach((where, want) -> {
            ids.put(where.topic(), want.topicId());
            partitions
                    .computeIfAbsent(where.topic(), topic -> new ArrayList<>())
                    .add(FetchRequest.FetchPartition.builder()
                            .partition(where.partition())
                            .currentLeaderEpoch(want.leaderEpoch())
                            .fetchOffset(want.offset())
                            .lastFetchedEpoch(want.lastEpoch())
                            .partitionMaxBytes(config.partitionBytesMax())
                            .build());
        });
        return partitions.entrySet().stream()
                .map(topic -> FetchRequest.FetchTopic.builder()
                        .topic(topic.getKey())
                        .topicId(ids.getOrDefault(topic.getKey(), Uuid.ZERO))
                        .partitions(topic.getValue())
                        .build())
                .toList();
    }

    private static List<FetchRequest.ForgottenTopic> forgotten(Map<TopicPartition, FetchSession.Want> forgotten) {
        Map<String, List<Integer>> partitions = new LinkedHashMap<>();
        Map<String, Uuid> ids = new HashMap<>();
        forgotten.forEach((where, want) -> {
            ids.put(where.topic(), want.topicId());
            partitions
                    .computeIfAbsent(where.topic(), topic -> new ArrayList<>())
                    .add(where.partition());
        });
        return partitions.entrySet().stream()
                .map(topic -> FetchRequest.ForgottenTopic.builder()
                        .topic(topic.getKey())
                        .topicId(ids.getOrDefault(topic.getKey(), Uuid.ZERO))
                        .partitions(topic.getValue())
                        .build())
                .toList();
    }
}
