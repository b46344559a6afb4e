package dev.tidemark.client.admin;

import dev.tidemark.base.Uuid;
import dev.tidemark.client.cluster.ClusterMetadata;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.CreatePartitionsRequest;
import dev.tidemark.protocol.message.CreatePartitionsResponse;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import dev.tidemark.protocol.message.DeleteTopicsRequest;
import dev.tidemark.protocol.message.DeleteTopicsResponse;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Topics: create, list, describe, grow, delete.
public final class TopicAdmin {
    /// Asks the broker for its own default.
    public static final int BROKER_DEFAULT = -1;

    private final AdminCalls calls;

    TopicAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// @param partitions or [#BROKER_DEFAULT]
    /// @param replicationFactor or [#BROKER_DEFAULT]
    public record NewTopic(String name, int partitions, int replicationFactor, Map<String, String> configs) {}

    /// What the broker made; -1 where it did not say.
    public record Created(String name, Uuid id, int partitions, int replicationFactor) {}

    /// @param validateOnly asks whether it would work
    public Map<String, Result<Created>> create(Collection<NewTopic> topics, boolean validateOnly)
            throws InterruptedException {
        CreateTopicsRequest request = CreateTopicsRequest.builder()
                .topics(topics.stream().map(TopicAdmin::toCreatable).toList())
                .timeoutMs(calls.config().requestTimeoutMs())
                .validateOnly(validateOnly)
                .build();
        CreateTopicsResponse response = calls.controller(
                calls.call(request, CreateTopicsResponse.class),
                answer -> answer.topics().stream()
                        .map(CreateTopicsResponse.CreatableTopicResult::errorCode)
                        .toList());
        Map<String, Result<Created>> results = new LinkedHashMap<>();
        for (var topic : response.topics())
            results.put(
                    topic.name(),
                    Result.of(
                            topic.errorCode(),
                            topic.errorMessage(),
                            new Created(
                                    topic.name(), topic.topicId(), topic.numPartitions(), topic.replicationFactor())));
        return results;
    }

    private static CreateTopicsRequest.CreatableTopic toCreatable(NewTopic topic) {
        return CreateTopicsRequest.CreatableTopic.builder()
                .name(topic.name())
                .numPartitions(topic.partitions())
                .replicationFactor((short) topic.replicationFactor())
                .configs(topic.configs().entrySet().stream()
                        .map(config -> CreateTopicsRequest.CreatableTopicConfig.builder()
                                .name(config.getKey())
                                .value(config.getValue())
                                .build())
                        .toList())
                .build();
    }

    /// All topics with their partitions, by name in order.
    public List<ClusterMetadata.Topic> list() throws InterruptedException {
        ClusterMetadata metadata = calls.retrying(() -> calls.cluster().refreshAll());
        return metadata.topics().values().stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
    }

    /// In the order of `names`. Creates nothing.
    public Map<String, Result<ClusterMetadata.Topic>> describe(Collection<String> names) throws InterruptedException {
        ClusterMetadata metadata = calls.retrying(() -> calls.cluster().refresh(names, false));
        Map<String, Result<ClusterMetadata.Topic>> results = new LinkedHashMap<>();
        for (String name : names) {
            ClusterMetadata.Topic topic = metadata.topic(name);
            results.put(
                    name,
                    topic == null
                            ? Result.failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null)
                            : Result.of(topic.error(), null, topic));
        }
        return results;
    }

    /// @param totals how many partitions each topic shall have
    public Map<String, Result<Integer>> growTo(Map<String, Integer> totals, boolean validateOnly)
            throws InterruptedException {
        CreatePartitionsRequest request = CreatePartitionsRequest.builder()
                .topics(totals.entrySet().stream()
                        .map(total -> CreatePartitionsRequest.CreatePartitionsTopic.builder()
                                .name(total.getKey())
                                .count(total.getValue())
                                .assignments(null)
                                .build())
                        .toList())
                .timeoutMs(calls.config().requestTimeoutMs())
                .validateOnly(validateOnly)
                .build();
        CreatePartitionsResponse response = calls.controller(
                calls.call(request, CreatePartitionsResponse.class),
                answer -> answer.results().stream()
                        .map(CreatePartitionsResponse.CreatePartitionsTopicResult::errorCode)
                        .toList());
        Map<String, Result<Integer>> results = new LinkedHashMap<>();
        for (var topic : response.results())
            results.put(
                    topic.name(),
                    Result.of(topic.errorCode(), topic.errorMessage(), totals.getOrDefault(topic.name(), 0)));
        return results;
    }

    /// The value of a success is the topic's name.
    public Map<String, Result<String>> delete(Collection<String> names) throws InterruptedException {
        DeleteTopicsRequest request = DeleteTopicsRequest.builder()
                .topics(names.stream()
                        .map(name -> DeleteTopicsRequest.DeleteTopicState.builder()
                                .name(name)
                                .build())
                        .toList())
                .topicNames(List.copyOf(names))
                .timeoutMs(calls.config().requestTimeoutMs())
                .build();
        DeleteTopicsRequest oldForm = request.toBuilder().topics(List.of()).build();
        var call =
                calls.call(request, DeleteTopicsResponse.class).withBody(version -> version >= 6 ? request : oldForm);
        DeleteTopicsResponse response = calls.controller(
                call,
                answer -> answer.responses().stream()
                        .map(DeleteTopicsResponse.DeletableTopicResult::errorCode)
                        .toList());
        Map<String, Result<String>> results = new LinkedHashMap<>();
        for (var topic : response.responses()) {
            String name = String.valueOf(topic.name());
            results.put(name, Result.of(topic.errorCode(), topic.errorMessage(), name));
        }
        return results;
    }
}
