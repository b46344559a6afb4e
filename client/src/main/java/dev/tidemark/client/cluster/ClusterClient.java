package dev.tidemark.client.cluster;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.DisconnectedException;
import dev.tidemark.client.Node;
import dev.tidemark.client.TimedOutException;
import dev.tidemark.client.UnreachableException;
import dev.tidemark.client.network.Call;
import dev.tidemark.client.network.Transport;
import dev.tidemark.client.network.Transport.Lane;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.message.MetadataResponse;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The way to the cluster: knows its brokers and leaders, and sends a request to one, or to any.
/// Used by any thread; the metadata is one immutable value that is replaced.
public final class ClusterClient implements AutoCloseable {
    private final ClientConfig config;
    private final Transport transport;
    private final AtomicReference<ClusterMetadata> metadata = new AtomicReference<>(ClusterMetadata.EMPTY);
    private final AtomicInteger turn = new AtomicInteger();

    public ClusterClient(ClientConfig config, Transport transport) {
        this.config = config;
        this.transport = transport;
    }

    public ClientConfig config() {
        return config;
    }

    /// What was learnt last.
    public ClusterMetadata metadata() {
        return metadata.get();
    }

    /// To a broker of which the address is known.
    public <R extends Response> CompletableFuture<R> send(Node node, Lane lane, Call<R> call) {
        return transport.send(node.address(), lane, call);
    }

    /// To whichever broker can be reached: each is tried once, the known ones first.
    public <R extends Response> CompletableFuture<R> sendToAny(Call<R> call) {
        List<BrokerAddress> candidates = candidates();
        return sendToAny(call, candidates, 0, new LinkedHashMap<>());
    }

    private <R extends Response> CompletableFuture<R> sendToAny(
            Call<R> call, List<BrokerAddress> candidates, int index, Map<BrokerAddress, String> attempts) {
        BrokerAddress address = candidates.get(index);
        return transport.send(address, Lane.MAIN, call).exceptionallyCompose(failure -> {
            var reason = Await.clientException(failure);
            if (!(reason instanceof DisconnectedException || reason instanceof TimedOutException))
                return CompletableFuture.failedFuture(reason);
            attempts.put(address, String.valueOf(reason.getMessage()).replace(address + ": ", ""));
            if (index + 1 < candidates.size()) return sendToAny(call, candidates, index + 1, attempts);
            return CompletableFuture.failedFuture(new UnreachableException(attempts));
        });
    }

    private List<BrokerAddress> candidates() {
        List<BrokerAddress> known = new ArrayList<>();
        for (Node node : metadata().nodes().values()) known.add(node.address());
        int first = known.isEmpty() ? 0 : Math.floorMod(turn.getAndIncrement(), known.size());
        LinkedHashSet<BrokerAddress> candidates = new LinkedHashSet<>();
        for (int i = 0; i < known.size(); i++) candidates.add(known.get((first + i) % known.size()));
        candidates.addAll(config.bootstrapServers());
        return List.copyOf(candidates);
    }

    /// Asks for the brokers and these topics. Topics known before stay known if they are among `topics`.
    public CompletableFuture<ClusterMetadata> refresh(Collection<String> topics, boolean mayCreateTopics) {
        MetadataRequest request = MetadataRequest.builder()
                .topics(topics.stream()
                        .map(topic -> MetadataRequest.MetadataRequestTopic.builder()
                                .name(topic)
                                .build())
                        .toList())
                .allowAutoTopicCreation(mayCreateTopics)
                .build();
        return ask(request);
    }

    /// Asks for the brokers and all topics.
    public CompletableFuture<ClusterMetadata> refreshAll() {
        return ask(MetadataRequest.builder()
                .topics(null)
                .allowAutoTopicCreation(false)
                .build());
    }

    /// The names of topics of which only the id is known; those that are not there are left out. What [#metadata] says
    /// stays.
    public CompletableFuture<Map<Uuid, String>> namesOf(Collection<Uuid> ids) {
        MetadataRequest request = MetadataRequest.builder()
                .topics(ids.stream()
                        .map(id -> MetadataRequest.MetadataRequestTopic.builder()
                                .topicId(id)
                                .name(null)
                                .build())
                        .toList())
                .allowAutoTopicCreation(false)
                .build();
        Call<MetadataResponse> call = Call.from(12, request, MetadataResponse.class, config.requestTimeoutMs());
        return sendToAny(call).thenApply(response -> {
            Map<Uuid, String> names = new HashMap<>();
            for (MetadataResponse.MetadataResponseTopic topic : response.topics()) {
                String name = topic.name();
                if (name != null && topic.errorCode() == 0) names.put(topic.topicId(), name);
            }
            return names;
        });
    }

    private CompletableFuture<ClusterMetadata> ask(MetadataRequest request) {
        Call<MetadataResponse> call =
                Call.from(ApiKey.METADATA.lowestVersion(), request, MetadataResponse.class, config.requestTimeoutMs());
        return sendToAny(call).thenApply(response -> {
            ClusterMetadata fresh = toMetadata(response, request.topics());
            metadata.set(fresh);
            return fresh;
        });
    }

    /// A broker named the leader in an error (KIP-951): nobody needs to be asked.
    ///
    /// @return whether that leader is news, and can be reached
    public boolean learnLeader(TopicPartition partition, int leaderId, int leaderEpoch, List<Node> endpoints) {
        ClusterMetadata before =
                metadata.getAndUpdate(known -> known.withLeader(partition, leaderId, leaderEpoch, endpoints));
        ClusterMetadata after = before.withLeader(partition, leaderId, leaderEpoch, endpoints);
        return !after.equals(before) && after.leader(partition) != null;
    }

    private static ClusterMetadata toMetadata(
            MetadataResponse response, @Nullable List<MetadataRequest.MetadataRequestTopic> asked) {
        Map<Integer, Node> nodes = new LinkedHashMap<>();
        for (MetadataResponse.MetadataResponseBroker broker : response.brokers())
            nodes.put(broker.nodeId(), new Node(broker.nodeId(), broker.host(), broker.port(), broker.rack()));
        Map<String, ClusterMetadata.Topic> topics = new HashMap<>();
        for (MetadataResponse.MetadataResponseTopic topic : response.topics()) {
            String name = topic.name();
            if (name != null) topics.put(name, toTopic(name, topic));
        }
        return new ClusterMetadata(response.clusterId(), response.controllerId(), nodes, topics);
    }

    private static ClusterMetadata.Topic toTopic(String name, MetadataResponse.MetadataResponseTopic topic) {
        List<ClusterMetadata.Partition> partitions = new ArrayList<>();
        for (MetadataResponse.MetadataResponsePartition partition : topic.partitions())
            partitions.add(new ClusterMetadata.Partition(
                    partition.partitionIndex(),
                    ErrorCode.forCode(partition.errorCode()),
                    partition.leaderId(),
                    partition.leaderEpoch(),
                    partition.replicaNodes(),
                    partition.isrNodes(),
                    partition.offlineReplicas()));
        partitions.sort((a, b) -> Integer.compare(a.index(), b.index()));
        Uuid id = topic.topicId();
        return new ClusterMetadata.Topic(
                name, id, topic.isInternal(), ErrorCode.forCode(topic.errorCode()), List.copyOf(partitions));
    }

    @Override
    public void close() {
        transport.close();
    }
}
