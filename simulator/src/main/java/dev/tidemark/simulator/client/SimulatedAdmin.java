package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsResponse;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopic;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import dev.tidemark.protocol.message.DeleteTopicsRequest;
import dev.tidemark.protocol.message.DeleteTopicsRequest.DeleteTopicState;
import dev.tidemark.protocol.message.DeleteTopicsResponse;
import dev.tidemark.protocol.message.ElectLeadersRequest;
import dev.tidemark.protocol.message.ElectLeadersResponse;
import dev.tidemark.protocol.message.IncrementalAlterConfigsRequest;
import dev.tidemark.protocol.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import dev.tidemark.protocol.message.IncrementalAlterConfigsRequest.AlterableConfig;
import dev.tidemark.protocol.message.IncrementalAlterConfigsResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An administrator. What is made and deleted is tried until it works.
public final class SimulatedAdmin {
    private static final long TIMEOUT_MS = 15_000;
    private static final long BACKOFF_MS = 500;

    private static final byte TOPIC = 2;
    private static final byte SET = 0;
    private static final byte PREFERRED = 0;

    private final ClientHost host;
    private int underWay;

    public SimulatedAdmin(ClientHost host) {
        this.host = host;
    }

    /// Creates a topic; `done` runs when it is there.
    public void create(String name, int partitions, int replicas, Map<String, String> configs, Runnable done) {
        CreateTopicsRequest request = CreateTopicsRequest.builder()
                .topics(List.of(CreatableTopic.builder()
                        .name(name)
                        .numPartitions(partitions)
                        .replicationFactor((short) replicas)
                        .configs(configs.entrySet().stream()
                                .map(config -> CreatableTopicConfig.builder()
                                        .name(config.getKey())
                                        .value(config.getValue())
                                        .build())
                                .toList())
                        .build()))
                .timeoutMs(10_000)
                .build();
        host.call(
                host.anyBroker(),
                request,
                CreateTopicsResponse.class,
                TIMEOUT_MS,
                response -> {
                    var topic = response.topics().getFirst();
                    String message = topic.errorMessage();
                    // The same error as for one that is there.
                    boolean isBeingDeleted = message != null && message.contains("being deleted");
                    boolean isThere = topic.errorCode() == 0
                            || (topic.errorCode() == ErrorCode.TOPIC_ALREADY_EXISTS.code() && !isBeingDeleted);
                    if (isThere) done.run();
                    else again(name, partitions, replicas, configs, done);
                },
                _ -> again(name, partitions, replicas, configs, done));
    }

    private void again(String name, int partitions, int replicas, Map<String, String> configs, Runnable done) {
        host.after(BACKOFF_MS, () -> create(name, partitions, replicas, configs, done));
    }

    /// Whether nothing that it wants is left to be done.
    public boolean isDone() {
        return underWay == 0;
    }

    private void tell(String what) {
        host.cluster().world().findings().tell(host.name() + " " + what);
    }

    /// Deletes a topic and makes it anew. Only one such thing at a time.
    public void recreate(String name, int partitions, int replicas, Map<String, String> configs) {
        if (underWay > 0) return;
        underWay++;
        tell("makes " + name + " anew");
        delete(name, () -> create(name, partitions, replicas, configs, () -> underWay--));
    }

    private void delete(String name, Runnable done) {
        DeleteTopicsRequest request = DeleteTopicsRequest.builder()
                .topics(List.of(DeleteTopicState.builder().name(name).build()))
                .timeoutMs(10_000)
                .build();
        host.call(
                host.anyBroker(),
                request,
                DeleteTopicsResponse.class,
                TIMEOUT_MS,
                response -> {
                    short error = response.responses().getFirst().errorCode();
                    if (error == 0 || error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()) done.run();
                    else host.after(BACKOFF_MS, () -> delete(name, done));
                },
                _ -> host.after(BACKOFF_MS, () -> delete(name, done)));
    }

    /// Asks once for a partition to be moved; it may be refused.
    public void reassign(String topic, int partition, List<Integer> replicas) {
        tell("moves " + topic + "-" + partition + " to " + replicas);
        alter(topic, partition, replicas);
    }

    /// Asks once for a move to be given up; there may be none.
    public void cancelMove(String topic, int partition) {
        tell("gives up the move of " + topic + "-" + partition);
        alter(topic, partition, null);
    }

    private void alter(String topic, int partition, @Nullable List<Integer> replicas) {
        AlterPartitionReassignmentsRequest request = AlterPartitionReassignmentsRequest.builder()
                .timeoutMs(10_000)
                .topics(List.of(ReassignableTopic.builder()
                        .name(topic)
                        .partitions(List.of(ReassignablePartition.builder()
                                .partitionIndex(partition)
                                .replicas(replicas)
                                .build()))
                        .build()))
                .build();
        host.call(
                host.anyBroker(),
                request,
                AlterPartitionReassignmentsResponse.class,
                TIMEOUT_MS,
                response -> tell("hears of the move of " + topic + "-" + partition + ": " + response),
                end -> tell("hears nothing of the move of " + topic + "-" + partition + ": " + end));
    }

    /// Asks once that the first of a partition's replicas leads it.
    public void electPreferred(String topic, int partition) {
        tell("elects the preferred leader of " + topic + "-" + partition);
        ElectLeadersRequest request = ElectLeadersRequest.builder()
                .electionType(PREFERRED)
                .topicPartitions(List.of(ElectLeadersRequest.TopicPartitions.builder()
                        .topic(topic)
                        .partitions(List.of(partition))
                        .build()))
                .timeoutMs(10_000)
                .build();
        host.call(host.anyBroker(), request, ElectLeadersResponse.class, TIMEOUT_MS, _ -> {}, _ -> {});
    }

    /// Asks once for a configuration of a topic to be changed; it may be refused.
    public void configure(String topic, String config, String value) {
        tell("sets " + config + " of " + topic + " to " + value);
        IncrementalAlterConfigsRequest request = IncrementalAlterConfigsRequest.builder()
                .resources(List.of(AlterConfigsResource.builder()
                        .resourceType(TOPIC)
                        .resourceName(topic)
                        .configs(List.of(AlterableConfig.builder()
                                .name(config)
                                .configOperation(SET)
                                .value(value)
                                .build()))
                        .build()))
                .build();
        host.call(host.anyBroker(), request, IncrementalAlterConfigsResponse.class, TIMEOUT_MS, _ -> {}, _ -> {});
    }
}
