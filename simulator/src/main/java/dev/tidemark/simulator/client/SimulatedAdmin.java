package dev.tidemark.simulator.client;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopic;
import dev.tidemark.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import java.util.List;
import java.util.Map;

/// An administrator who tries until it works.
public final class SimulatedAdmin {
    private static final long TIMEOUT_MS = 15_000;
    private static final long BACKOFF_MS = 500;

    private final ClientHost host;

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
                    short error = response.topics().getFirst().errorCode();
                    if (error == 0 || error == ErrorCode.TOPIC_ALREADY_EXISTS.code()) done.run();
                    else again(name, partitions, replicas, configs, done);
                },
                _ -> again(name, partitions, replicas, configs, done));
    }

    private void again(String name, int partitions, int replicas, Map<String, String> configs, Runnable done) {
        host.after(BACKOFF_MS, () -> create(name, partitions, replicas, configs, done));
    }
}
