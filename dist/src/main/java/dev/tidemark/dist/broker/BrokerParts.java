package dev.tidemark.dist.broker;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.admin.AlterConfigsHandlers;
import dev.tidemark.broker.admin.CreatePartitionsHandler;
import dev.tidemark.broker.admin.CreateTopicsHandler;
import dev.tidemark.broker.admin.DeleteTopicsHandler;
import dev.tidemark.broker.admin.DescribeConfigsHandler;
import dev.tidemark.broker.admin.DescribeLogDirsHandler;
import dev.tidemark.broker.admin.ListConfigResourcesHandler;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.config.ConfigDefinitions;
import dev.tidemark.broker.config.LogConfigs;
import dev.tidemark.broker.control.MetadataApplier;
import dev.tidemark.broker.control.ReplicaLifecycle;
import dev.tidemark.broker.control.TopicCreator;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.dispatch.RequestProcessor;
import dev.tidemark.broker.fetch.FetchHandler;
import dev.tidemark.broker.fetch.FetchLimits;
import dev.tidemark.broker.fetch.FetchSessions;
import dev.tidemark.broker.fetch.PartitionReader;
import dev.tidemark.broker.group.GroupHandlers;
import dev.tidemark.broker.group.GroupLeadership;
import dev.tidemark.broker.group.ImageMetadataView;
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
import dev.tidemark.broker.produce.InitProducerIdHandler;
import dev.tidemark.broker.produce.ProduceHandler;
import dev.tidemark.broker.produce.ProducerIds;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ProducerIdBlocks;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.network.ConnectionLimits;
import dev.tidemark.network.NettyLoop;
import dev.tidemark.network.NettyLoops;
import dev.tidemark.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.storage.directory.LogDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The parts of a broker behind the network, and how they hang together.
///
/// Life cycle: made, then joined to the control plane, then started; stopped once.
final class BrokerParts {
    private static final int FETCH_PARTITIONS_MAX = 100_000;

    private final int nodeId;
    private final BrokerSettings settings;
    private final Clock clock;
    private final RandomGenerator random;
    private final NettyLoops loops;
    private final ExecutorService diskThreads;
    private final Supplier<List<LogDirectory>> directories;

    private final Partitions partitions = new Partitions();
    private final ClusterView cluster;
    private final BrokerConfiguration configuration;
    private final ConfigRules configRules;
    private final AtomicReference<ImageMetadataView> topicsForGroups =
            new AtomicReference<>(new ImageMetadataView(ClusterImage.EMPTY, 0));
    private final ExecutorService background = Threads.virtual("tidemark-background");
    private final GroupCoordinator groups;
    private final ReplicaLifecycle replicas;
    private final DirectoryUpkeep upkeep;
    private volatile @Nullable Dispatcher dispatcher;
    private volatile Consumer<ConnectionLimits> onConnectionLimits = limits -> {};

    BrokerParts(
            int nodeId,
            BrokerSettings settings,
            Disk disk,
            Clock clock,
            RandomGenerator random,
            NettyLoops loops,
            ExecutorService diskThreads,
            Executor replicaThread,
            Supplier<List<LogDirectory>> directories) {
        this.nodeId = nodeId;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.loops = loops;
        this.diskThreads = diskThreads;
        this.directories = directories;
        this.cluster = new ClusterView(nodeId, partitions);
        this.configuration = new BrokerConfiguration(nodeId, settings.texts());
        this.configRules = new ConfigDefinitions(configuration::broker);
        this.groups = groupCoordinator();
        this.upkeep = new DirectoryUpkeep(disk, clock, diskThreads);
        this.replicas = new ReplicaLifecycle(
                nodeId,
                partitions,
                directories,
                topic -> LogConfigs.of(configuration.topic(topic), configuration.broker()),
                this::loop,
                List.of(new GroupLeadership(groups, offsetsCompression(), diskThreads, clock)),
                upkeep,
                replicaThread);
    }

    private Loop loop(int number) {
        List<NettyLoop> all = loops.all();
        return all.get(Math.floorMod(number, all.size()));
    }

    private GroupCoordinator groupCoordinator() {
        return new GroupCoordinator(
                () -> ComponentConfigs.groups(configuration.broker()),
                group -> ComponentConfigs.groupSettings(configuration.group(group)),
                topicsForGroups::get,
                () -> Uuid.random(random),
                this::loop,
                background);
    }

    private Compression offsetsCompression() {
        int id = settings.values().intValue("offsets.topic.compression.codec");
        return Compression.of(CompressionType.forId(id));
    }

    /// Requests that come before [#join] find nothing: the network lets nobody in until then.
    RequestProcessor dispatcher() {
        return new RequestProcessor() {
            @Override
            public void onRequest(dev.tidemark.broker.dispatch.Exchange exchange) {
                Objects.requireNonNull(dispatcher).onRequest(exchange);
            }

            @Override
            public void onDisconnected(dev.tidemark.broker.dispatch.Connection connection) {
                Dispatcher made = dispatcher;
                if (made != null) made.onDisconnected(connection);
            }
        };
    }

    BrokerConfiguration configuration() {
        return configuration;
    }

    ConfigRules configRules() {
        return configRules;
    }

    ReplicaLifecycle replicas() {
        return replicas;
    }

    /// Makes the handlers, and listens to the metadata. To be called before the control plane loads.
    void join(ControlPlane plane, MetadataStore store) {
        plane.addListener(new MetadataApplier(
                cluster, configuration, replicas, groups, topicsForGroups, this::onBrokerConfigChange));
        List<Handler<?>> all = new ArrayList<>();
        AtomicReference<Handlers> made = new AtomicReference<>();
        ApiVersionsHandler apiVersions = new ApiVersionsHandler(
                () -> Objects.requireNonNull(made.get()),
                () -> List.of(new ApiVersionsHandler.Feature("group.version", (short) 0, (short) 1, (short) 1)),
                () -> new ApiVersionsHandler.Identity(cluster.image().clusterId(), nodeId));
        all.add(apiVersions);
        all.addAll(dataHandlers(store));
        all.addAll(metadataHandlers(plane));
        all.addAll(adminHandlers(plane));
        all.addAll(GroupHandlers.all(groups));
        Handlers handlers = new Handlers(all);
        made.set(handlers);
        dispatcher = new Dispatcher(handlers, apiVersions, List.of());
    }

    private List<Handler<?>> dataHandlers(MetadataStore store) {
        ConfigValues values = settings.values();
        FetchSessions sessions =
                new FetchSessions(values.intValue("max.incremental.fetch.session.cache.slots"), random);
        FetchLimits limits = new FetchLimits(values.intValue("fetch.max.bytes"), FETCH_PARTITIONS_MAX);
        ProducerIdBlocks blocks = new ProducerIdBlocks(store);
        ProducerIds producerIds = new ProducerIds(() -> blocks.next(nodeId)
                .thenApply(block -> new ProducerIds.Block(block.first(), ProducerIdBlocks.BLOCK_SIZE)));
        return List.of(
                new ProduceHandler(partitions, ClusterView::isInternal, clock),
                new FetchHandler(new PartitionReader(partitions), sessions, limits, clock),
                new ListOffsetsHandler(partitions, diskThreads),
                new OffsetForLeaderEpochHandler(partitions),
                new DeleteRecordsHandler(partitions, upkeep),
                new DescribeProducersHandler(partitions, clock),
                new InitProducerIdHandler(producerIds));
    }

    private List<Handler<?>> metadataHandlers(ControlPlane plane) {
        TopicCreator creator = new TopicCreator(plane, cluster, configuration, replicas, loop(0), random);
        int partitionsPerPage = settings.values().intValue("max.request.partition.size.limit");
        return List.of(
                new MetadataHandler(cluster, creator),
                new DescribeClusterHandler(cluster),
                new DescribeTopicPartitionsHandler(cluster, partitionsPerPage),
                new FindCoordinatorHandler(cluster, creator, groups::partitionFor));
    }

    private List<Handler<?>> adminHandlers(ControlPlane plane) {
        List<Handler<?>> handlers = new ArrayList<>(List.of(
                new CreateTopicsHandler(plane, this::createdConfigs, random),
                new DeleteTopicsHandler(plane),
                new CreatePartitionsHandler(plane, random),
                new DescribeConfigsHandler(cluster, configuration),
                new ListConfigResourcesHandler(cluster),
                new DescribeLogDirsHandler(directories, diskThreads)));
        handlers.addAll(new AlterConfigsHandlers(plane).all());
        return handlers;
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

    private void onBrokerConfigChange() {
        ConfigValues values = configuration.broker();
        upkeep.onConfigChange(values);
        onConnectionLimits.accept(ComponentConfigs.connectionLimits(values));
    }

    DirectoryUpkeep upkeep() {
        return upkeep;
    }

    /// Who is to hear of other connection limits while the broker runs.
    void onConnectionLimits(Consumer<ConnectionLimits> listener) {
        onConnectionLimits = listener;
    }

    void stop() {
        upkeep.stop();
        groups.shutdown();
        background.shutdown();
    }
}
