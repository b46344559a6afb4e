package dev.tidemark.broker.control;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.config.ConfigSource;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.handler.AutoTopicCreation;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.coordinator.transaction.TransactionCoordinator;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply.TopicCreation;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates topics on behalf of clients that only named them, and the internal ones. Those who want one topic at the
/// same time wait for the same creation.
public final class TopicCreator implements AutoTopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreator.class);

    /// Whoever asked is answered after this time, though the topics may still be on their way: they ask again.
    private static final long WAIT_MS_MAX = 5_000;

    private final ControllerGateway controller;
    private final ClusterView cluster;
    private final BrokerConfiguration configuration;
    private final Loop timers;
    private final RandomGenerator random;
    private final Map<String, CompletableFuture<Void>> underWay = new HashMap<>();

    /// @param controller answers once this broker serves what it leads of a new topic
    public TopicCreator(
            ControllerGateway controller,
            ClusterView cluster,
            BrokerConfiguration configuration,
            Loop timers,
            RandomGenerator random) {
        this.controller = controller;
        this.cluster = cluster;
        this.configuration = configuration;
        this.timers = timers;
        this.random = random;
    }

    @Override
    public boolean isEnabled() {
        return configuration.broker().booleanValue("auto.create.topics.enable");
    }

    @Override
    public CompletableFuture<Void> create(Set<String> names) {
        List<CompletableFuture<Void>> awaited = new ArrayList<>();
        List<TopicRequest> wanted = new ArrayList<>();
        CompletableFuture<Void> creation = new CompletableFuture<>();
        synchronized (underWay) {
            for (String name : names) {
                CompletableFuture<Void> same = underWay.get(name);
                if (same != null) {
                    awaited.add(same);
                } else if (cluster.image().topics().topic(name).isEmpty()) {
                    wanted.add(request(name));
                    underWay.put(name, creation);
                }
            }
        }
        if (!wanted.isEmpty()) {
            submit(wanted, creation);
            Loop.Timer limit = timers.runAfter(WAIT_MS_MAX, () -> creation.complete(null));
            var _ = creation.whenComplete((done, failure) -> limit.cancel());
            awaited.add(creation);
        }
        return CompletableFuture.allOf(awaited.toArray(CompletableFuture[]::new));
    }

    private void submit(List<TopicRequest> wanted, CompletableFuture<Void> creation) {
        var _ = controller
                .createTopics(new ControllerInput.CreateTopics(
                        wanted, false, ControllerInput.Origin.BROKER, random.nextInt(1 << 20)))
                .whenComplete((created, failure) -> {
                    if (failure != null) LOG.warn("Creating topics failed: {}", failure.toString());
                    if (created != null) created.topics().forEach(TopicCreator::report);
                    onDone(wanted, creation);
                });
    }

    private void onDone(List<TopicRequest> wanted, CompletableFuture<Void> creation) {
        synchronized (underWay) {
            wanted.forEach(topic -> underWay.remove(topic.name()));
        }
        creation.complete(null);
    }

    private static void report(TopicCreation topic) {
        ErrorCode error = topic.outcome().error();
        if (topic.outcome().isOk()) {
            LOG.info("Created topic {} with {} partitions, as it was asked for.", topic.name(), topic.partitions());
        } else if (error != ErrorCode.TOPIC_ALREADY_EXISTS) {
            LOG.warn(
                    "Topic {} cannot be created: {}, {}",
                    topic.name(),
                    error,
                    topic.outcome().message());
        }
    }

    private TopicRequest request(String name) {
        Uuid id = Uuid.random(random);
        if (name.equals(TransactionCoordinator.TRANSACTION_TOPIC)) return transactionTopic(name, id);
        if (!name.equals(GroupCoordinator.OFFSETS_TOPIC)) {
            return TopicRequest.of(name, id, TopicRequest.DEFAULT, TopicRequest.DEFAULT);
        }
        ConfigValues broker = configuration.broker();
        SortedMap<String, String> configs = new TreeMap<>();
        configs.put("cleanup.policy", "compact");
        configs.put("compression.type", "producer");
        configs.put("segment.bytes", Integer.toString(broker.intValue("offsets.topic.segment.bytes")));
        int replicationFactor = internalReplicationFactor(broker, "offsets.topic.replication.factor");
        return new TopicRequest(
                name, id, broker.intValue("offsets.topic.num.partitions"), replicationFactor, new TreeMap<>(), configs);
    }

    private TopicRequest transactionTopic(String name, Uuid id) {
        ConfigValues broker = configuration.broker();
        int replicationFactor = internalReplicationFactor(broker, "transaction.state.log.replication.factor");
        int minInSync = Math.min(broker.intValue("transaction.state.log.min.isr"), replicationFactor);
        SortedMap<String, String> configs = new TreeMap<>();
        configs.put("cleanup.policy", "compact");
        configs.put("compression.type", "uncompressed");
        configs.put("segment.bytes", Integer.toString(broker.intValue("transaction.state.log.segment.bytes")));
        configs.put("min.insync.replicas", Integer.toString(minInSync));
        configs.put("unclean.leader.election.enable", "false");
        return new TopicRequest(
                name,
                id,
                broker.intValue("transaction.state.log.num.partitions"),
                replicationFactor,
                new TreeMap<>(),
                configs);
    }

    /// As configured, and refused by the controller while fewer brokers are registered: the first who asks may come
    /// while a cluster starts, and its offsets must not lie on one broker for ever. But a broker that runs its own
    /// ZooKeeper, and of which nobody has configured anything, is somebody's first try: it takes what is there.
    private int internalReplicationFactor(ConfigValues broker, String key) {
        int configured = broker.intValue(key);
        boolean isDefault = broker.describe(key, false)
                .filter(described -> described.source() == ConfigSource.DEFAULT_CONFIG)
                .isPresent();
        boolean isOnItsOwn = broker.value("zookeeper.connect").isEmpty();
        int alive = Math.max(1, cluster.image().brokers().size());
        return isDefault && isOnItsOwn ? Math.min(configured, alive) : configured;
    }
}
