package dev.tidemark.broker.core;

import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.broker.admin.AlterConfigsHandlers;
import dev.tidemark.broker.admin.BrokerHeartbeatHandler;
import dev.tidemark.broker.admin.CreatePartitionsHandler;
import dev.tidemark.broker.admin.CreateTopicsHandler;
import dev.tidemark.broker.admin.DeleteTopicsHandler;
import dev.tidemark.broker.admin.DescribeConfigsHandler;
import dev.tidemark.broker.admin.DescribeLogDirsHandler;
import dev.tidemark.broker.admin.ElectLeadersHandler;
import dev.tidemark.broker.admin.ListConfigResourcesHandler;
import dev.tidemark.broker.admin.ReassignmentHandlers;
import dev.tidemark.broker.admin.UnregisterBrokerHandler;
import dev.tidemark.broker.admin.UpdateFeaturesHandler;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.control.ReplicaLifecycle;
import dev.tidemark.broker.control.ServedCreations;
import dev.tidemark.broker.control.TopicCreator;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.fetch.FetchHandler;
import dev.tidemark.broker.fetch.FetchLimits;
import dev.tidemark.broker.fetch.FetchSessions;
import dev.tidemark.broker.fetch.PartitionReader;
import dev.tidemark.broker.fetch.PreferredReplicas;
import dev.tidemark.broker.fetch.ReplicaAccess;
import dev.tidemark.broker.group.GroupHandlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.handler.DeleteRecordsHandler;
import dev.tidemark.broker.handler.DescribeClusterHandler;
import dev.tidemark.broker.handler.DescribeProducersHandler;
import dev.tidemark.broker.handler.DescribeTopicPartitionsHandler;
import dev.tidemark.broker.handler.FindCoordinatorHandler;
import dev.tidemark.broker.handler.ListOffsetsHandler;
import dev.tidemark.broker.handler.MetadataHandler;
import dev.tidemark.broker.handler.OffsetForLeaderEpochHandler;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.produce.ProduceHandler;
import dev.tidemark.broker.produce.ProducerIds;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.control.ProducerIdBlocks;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;

/// Every API that a broker serves, joined to the parts that serve it.
record CoreHandlers(
        CoreSettings settings,
        BrokerWorld world,
        ControlPlane plane,
        MetadataStore store,
        ClusterView cluster,
        Partitions partitions,
        BrokerConfiguration configuration,
        GroupCoordinator groups,
        ReplicaLifecycle replicas,
        LogDirectories directories,
        CorePeers peers,
        CoreTransactions transactions) {
    private static final int FETCH_PARTITIONS_MAX = 100_000;

    Dispatcher dispatcher() {
        AtomicReference<Handlers> made = new AtomicReference<>();
        ApiVersionsHandler apiVersions = new ApiVersionsHandler(
                () -> Objects.requireNonNull(made.get()),
                () -> List.of(
                        new ApiVersionsHandler.Feature("group.version", (short) 0, (short) 1, (short)
                                cluster.image().features().level("group.version")),
                        transactions.feature()),
                () -> new ApiVersionsHandler.Identity(cluster.image().clusterId(), settings.nodeId()));
        List<Handler<?>> all = new ArrayList<>();
        all.add(apiVersions);
        all.addAll(data());
        all.addAll(transactions.handlers(producerIds()));
        all.addAll(metadata());
        all.addAll(admin());
        all.addAll(peers.forwarding(controllers()));
        all.add(peers.alterPartition(plane));
        all.add(new BrokerHeartbeatHandler(plane, plane::image, plane::isCurrent));
        boolean offersConsumer = settings.values()
                .listValue("group.coordinator.rebalance.protocols")
                .contains("consumer");
        all.addAll(GroupHandlers.all(groups, offersConsumer));
        Handlers handlers = new Handlers(all, CoreConfigs.innerListener(settings.values())::equals);
        made.set(handlers);
        return new Dispatcher(handlers, apiVersions, List.of());
    }

    private List<Handler<?>> data() {
        ConfigValues values = settings.values();
        FetchSessions sessions =
                new FetchSessions(values.intValue("max.incremental.fetch.session.cache.slots"), world.random());
        FetchLimits limits = new FetchLimits(values.intValue("fetch.max.bytes"), FETCH_PARTITIONS_MAX);
        LeaderHints hints = new LeaderHints(cluster);
        return List.of(
                new ProduceHandler(partitions, ClusterView::isInternal, cluster, world.clock(), transactions.check()),
                new FetchHandler(
                        new PartitionReader(partitions, cluster, preferredReplicas(), peers.leaderThrottle()),
                        sessions,
                        limits,
                        new ReplicaAccess(cluster, innerListener()),
                        hints,
                        world.diskThreads(),
                        world.clock()),
                new ListOffsetsHandler(partitions, cluster, world.diskThreads()),
                new OffsetForLeaderEpochHandler(partitions, cluster),
                new DeleteRecordsHandler(partitions, cluster),
                new DescribeProducersHandler(partitions, world.clock()));
    }

    private ProducerIds producerIds() {
        ProducerIdBlocks blocks = new ProducerIdBlocks(store);
        return new ProducerIds(() -> blocks.next(settings.nodeId())
                .thenApply(block -> new ProducerIds.Block(block.first(), ProducerIdBlocks.BLOCK_SIZE)));
    }

    private PreferredReplicas preferredReplicas() {
        String selector = settings.values()
                .value("replica.selector.class")
                .map(Object::toString)
                .orElse("");
        return new PreferredReplicas(cluster, selector);
    }

    private Optional<String> innerListener() {
        return settings.values().value("inter.broker.listener.name").map(Object::toString);
    }

    private List<Handler<?>> metadata() {
        TopicCreator creator = new TopicCreator(
                servedFirst(peers.controller()),
                cluster,
                configuration,
                world.loops().apply(0),
                world.random());
        int partitionsPerPage = settings.values().intValue("max.request.partition.size.limit");
        return List.of(
                new MetadataHandler(cluster, creator, peers.departures()),
                new DescribeClusterHandler(cluster),
                new DescribeTopicPartitionsHandler(cluster, partitionsPerPage),
                new FindCoordinatorHandler(cluster, creator, groups::partitionFor, transactions::partitionFor));
    }

    private List<Handler<?>> admin() {
        return List.of(
                new DescribeConfigsHandler(cluster, configuration),
                new ListConfigResourcesHandler(cluster),
                new DescribeLogDirsHandler(directories::all, world.diskThreads()));
    }

    /// What only the controller can answer: the others send it on.
    private List<Handler<?>> controllers() {
        ControllerGateway served = servedFirst(plane);
        List<Handler<?>> handlers = new ArrayList<>(List.of(
                new CreateTopicsHandler(served, this::createdConfigs, world.random(), peers.calls()::isOwn),
                new DeleteTopicsHandler(plane),
                new CreatePartitionsHandler(served, world.random()),
                new ElectLeadersHandler(plane),
                new UpdateFeaturesHandler(plane),
                new UnregisterBrokerHandler(plane)));
        handlers.addAll(new ReassignmentHandlers(plane, cluster).all());
        handlers.addAll(new AlterConfigsHandlers(plane).all());
        return handlers;
    }

    private ControllerGateway servedFirst(ControllerGateway controller) {
        return new ServedCreations(
                controller, replicas::afterWhatIsUnderWay, world.loops().apply(0));
    }

    private List<CreatableTopicConfigs> createdConfigs(SortedMap<String, String> own) {
        return configuration.topicWith(own).describeAll(false).stream()
                .map(config -> CreatableTopicConfigs.builder()
                        .name(config.name())
                        .value(config.value())
                        .readOnly(config.isReadOnly())
                        .configSource(config.source().wireId())
                        .isSensitive(config.isSensitive())
                        .build())
                .toList();
    }
}
