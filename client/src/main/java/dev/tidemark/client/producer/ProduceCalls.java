package dev.tidemark.client.producer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.client.ClientException;
import dev.tidemark.client.Node;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.client.network.BatchesToSend;
import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ProduceRequest;
import dev.tidemark.protocol.message.ProduceResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// From batches to a produce request, and from its response to what became of each.
final class ProduceCalls {
    /// From this version on topics go by id only.
    private static final int TOPIC_ID_VERSION = 13;

    private ProduceCalls() {}

    /// @param recordErrors messages of single records by their index in the batch, where some were refused
    /// @param leaderId the new leader where the broker named one, else -1
    record Answer(
            ErrorCode error,
            @Nullable String message,
            long baseOffset,
            long logAppendTimeMs,
            Map<Integer, String> recordErrors,
            int leaderId,
            int leaderEpoch,
            List<Node> endpoints) {
        static Answer failed(ErrorCode error, @Nullable String message) {
            return new Answer(error, message, -1, -1, Map.of(), -1, -1, List.of());
        }

        /// Of the whole batch.
        ClientException failure() {
            return new BrokerErrorException(error, message == null ? error.defaultMessage() : message);
        }

        /// Of one record. Of a batch with some bad records, the good ones fail too, and say so.
        ClientException failureOf(int index) {
            if (recordErrors.isEmpty()) return failure();
            String own = recordErrors.get(index);
            String why = own == null
                    ? "not written, as another record of its batch is not valid"
                    : own.isEmpty() ? error.defaultMessage() : own;
            return new BrokerErrorException(error, why);
        }
    }

    static Call<ProduceResponse> call(List<Batch> batches, ClusterMetadata metadata, ProducerConfig config) {
        Map<String, List<ProduceRequest.PartitionProduceData>> topics = new LinkedHashMap<>();
        for (Batch batch : batches)
            topics.computeIfAbsent(batch.partition.topic(), topic -> new ArrayList<>())
                    .add(ProduceRequest.PartitionProduceData.builder()
                            .index(batch.partition.partition())
                            .records(new BatchesToSend(batch.encoded()))
                            .build());
        Map<String, Uuid> ids = new HashMap<>();
        for (String topic : topics.keySet()) {
            ClusterMetadata.Topic known = metadata.topic(topic);
            ids.put(topic, known == null ? Uuid.ZERO : known.id());
        }
        ProduceRequest request = ProduceRequest.builder()
                .acks((short) config.acks())
                .timeoutMs(config.client().requestTimeoutMs())
                .topicData(topics.entrySet().stream()
                        .map(topic -> ProduceRequest.TopicProduceData.builder()
                                .name(topic.getKey())
                                .topicId(ids.getOrDefault(topic.getKey(), Uuid.ZERO))
                                .partitionData(topic.getValue())
                                .build())
                        .toList())
                .build();
        boolean hasIds = ids.values().stream().noneMatch(Uuid::isZero);
        int highest = hasIds ? request.apiKey().highestVersion() : TOPIC_ID_VERSION - 1;
        return new Call<>(
                request.apiKey(),
                request.apiKey().lowestVersion(),
                highest,
                version -> request,
                ProduceResponse.class,
                config.client().requestTimeoutMs(),
                config.acks() != 0);
    }

    static Map<TopicPartition, Answer> answers(ProduceResponse response, ClusterMetadata metadata, Set<String> topics) {
        List<Node> endpoints = response.nodeEndpoints().stream()
                .map(node -> new Node(node.nodeId(), node.host(), node.port(), node.rack()))
                .toList();
        Map<TopicPartition, Answer> answers = new HashMap<>();
        for (var topic : response.responses()) {
            String name = topic.name().isEmpty() ? nameOf(topic.topicId(), metadata, topics) : topic.name();
            for (var partition : topic.partitionResponses())
                answers.put(new TopicPartition(name, partition.index()), toAnswer(partition, endpoints));
        }
        return answers;
    }

    private static String nameOf(Uuid id, ClusterMetadata metadata, Set<String> topics) {
        for (String topic : topics) {
            ClusterMetadata.Topic known = metadata.topic(topic);
            if (known != null && known.id().equals(id)) return topic;
        }
        return "";
    }

    private static Answer toAnswer(ProduceResponse.PartitionProduceResponse partition, List<Node> endpoints) {
        Map<Integer, String> recordErrors = new TreeMap<>();
        for (var error : partition.recordErrors()) {
            String message = error.batchIndexErrorMessage();
            recordErrors.put(error.batchIndex(), message == null ? "" : message);
        }
        return new Answer(
                ErrorCode.forCode(partition.errorCode()),
                partition.errorMessage(),
                partition.baseOffset(),
                partition.logAppendTimeMs(),
                recordErrors,
                partition.currentLeader().leaderId(),
                partition.currentLeader().leaderEpoch(),
                endpoints);
    }
}
