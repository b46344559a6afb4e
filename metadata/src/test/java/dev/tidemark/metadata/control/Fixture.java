package dev.tidemark.metadata.control;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.ManualLoop;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.store.InMemoryEnsemble;
import dev.tidemark.metadata.store.InMemoryMetadataStore;
import dev.tidemark.metadata.store.StoredNode;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;

/// An ensemble in memory and brokers' control planes on it, in a time that the test moves.
final class Fixture {
    static final long SESSION_TIMEOUT_MS = 6_000;
    static final String CLUSTER_ID = "iVMYaHiCTmOX4Bkk7QRTfA";

    final ManualLoop loop = new ManualLoop();
    final InMemoryEnsemble ensemble = new InMemoryEnsemble(loop);
    private long lastId;

    /// One broker's client and control plane.
    record Node(InMemoryMetadataStore store, ControlPlane plane, CompletableFuture<Long> joined) {}

    Node node(int brokerId, LongPredicate ownPast) {
        return node(brokerId, ownPast, Optional.empty());
    }

    /// @param clusterId what the broker's data folders say
    Node node(int brokerId, LongPredicate ownPast, Optional<String> clusterId) {
        InMemoryMetadataStore store = ensemble.connect(SESSION_TIMEOUT_MS);
        ControlPlane plane =
                new ControlPlane(settings(brokerId, ownPast, clusterId), ConfigRules.ANYTHING, store, loop, failure -> {
                    throw new AssertionError("the control plane of broker " + brokerId + " has failed", failure);
                });
        return new Node(store, plane, new CompletableFuture<>());
    }

    private ControlPlaneSettings settings(int brokerId, LongPredicate ownPast, Optional<String> clusterId) {
        return new ControlPlaneSettings(
                brokerId,
                clusterId,
                CLUSTER_ID,
                ownPast,
                () -> ensemble.isLedBeside(brokerId),
                2 * SESSION_TIMEOUT_MS,
                ControllerSettings.DEFAULTS);
    }

    Node start(int brokerId) {
        return start(node(brokerId, _ -> false));
    }

    Node start(Node node) {
        var _ = node.plane().load();
        loop.settle();
        var _ = node.plane().register(registration(node)).whenComplete((epoch, failure) -> {
            if (failure == null) node.joined().complete(epoch);
            else node.joined().completeExceptionally(failure);
        });
        loop.settle();
        return node;
    }

    private static BrokerRegistration registration(Node node) {
        return registration(node.plane().settings().brokerId());
    }

    static BrokerRegistration registration(int id) {
        return registration(id, true);
    }

    static BrokerRegistration unclean(int id) {
        return registration(id, false);
    }

    private static BrokerRegistration registration(int id, boolean stoppedCleanly) {
        return new BrokerRegistration(
                id,
                -1,
                List.of(new BrokerEndpoint("PLAINTEXT", "host" + id, 9092, "PLAINTEXT")),
                null,
                new TreeMap<>(),
                stoppedCleanly);
    }

    CompletableFuture<ControllerReply.TopicsCreated> create(Node node, String topic, int partitions) {
        return create(node, topic, partitions, 1);
    }

    CompletableFuture<ControllerReply.TopicsCreated> create(
            Node node, String topic, int partitions, int replicationFactor) {
        TopicRequest request = TopicRequest.of(topic, new Uuid(7, ++lastId), partitions, replicationFactor);
        return node.plane().createTopics(new ControllerInput.CreateTopics(List.of(request), false, Origin.CLIENT, 0));
    }

    /// What is stored, read through a client of its own.
    Optional<String> stored(String path) {
        InMemoryMetadataStore reader = ensemble.connect(SESSION_TIMEOUT_MS);
        CompletableFuture<Optional<StoredNode>> read = reader.get(path);
        loop.settle();
        Optional<String> data = read.join().map(node -> node.data().toUtf8());
        var _ = reader.close();
        return data;
    }

    Optional<List<String>> children(String path) {
        InMemoryMetadataStore reader = ensemble.connect(SESSION_TIMEOUT_MS);
        CompletableFuture<Optional<List<String>>> read = reader.children(path);
        loop.settle();
        Optional<List<String>> names = read.join();
        var _ = reader.close();
        return names;
    }

    /// Creates a topic and waits for the answer.
    ControllerReply.TopicCreation created(Node node, String topic, int partitions) {
        return created(node, topic, partitions, 1);
    }

    ControllerReply.TopicCreation created(Node node, String topic, int partitions, int replicationFactor) {
        var reply = create(node, topic, partitions, replicationFactor);
        loop.settle();
        return reply.join().topics().getFirst();
    }

    void stop(Node node) {
        var _ = node.plane().stop();
        loop.settle();
    }
}
