package dev.tidemark.broker.core;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.config.ConfigDefinitions;
import dev.tidemark.broker.config.LogConfigs;
import dev.tidemark.broker.control.MetadataApplier;
import dev.tidemark.broker.control.ReplicaLifecycle;
import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.broker.dispatch.RequestProcessor;
import dev.tidemark.broker.group.GroupLeadership;
import dev.tidemark.broker.group.ImageMetadataView;
import dev.tidemark.broker.partition.IsrNews;
import dev.tidemark.broker.partition.LaggingPartitions;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.partition.Replication;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControlPlaneSettings;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// A whole broker behind the network: what a process and the simulator both run.
///
/// Life cycle: made; then, each step once the one before has completed, [#openLogs] and [#join] (in any order),
/// [#openReplicas], [#register], [#lead], after which clients may come; at the end [#stop], [#leave] and
/// [#closeLogs]. A broker that is killed gets none of the last three. The steps are told by one thread; requests come
/// on the loops.
public final class BrokerCore {
    private static final long REGISTRATION_WAIT_MS = 30_000;

    private final CoreSettings settings;
    private final BrokerWorld world;
    private final Partitions partitions = new Partitions();
    private final ClusterView cluster;
    private final BrokerConfiguration configuration;
    private final AtomicReference<ImageMetadataView> topicsForGroups =
            new AtomicReference<>(new ImageMetadataView(ClusterImage.EMPTY, 0));
    private final GroupCoordinator groups;
    private final CorePeers peers;
    private final CoreTransactions transactions;
    private final LogDirectories directories;
    private final ReplicaLifecycle replicas;
    private volatile @Nullable Dispatcher dispatcher;
    private volatile @Nullable ControlPlane plane;
    /// What this start found is known to the controller.
    private volatile boolean isSeen;
    private volatile Consumer<ConfigValues> onConfigChange = values -> {};

    public BrokerCore(CoreSettings settings, BrokerWorld world) {
        this.settings = settings;
        this.world = world;
        this.cluster = new ClusterView(settings.nodeId(), partitions);
        this.configuration = new BrokerConfiguration(settings.nodeId(), settings.texts());
        this.groups = groupCoordinator();
        this.peers = new CorePeers(settings, world, cluster, () -> plane);
        this.transactions = new CoreTransactions(world, cluster, partitions, configuration, groups, peers.peers());
        DirectoryUpkeep upkeep =
                new DirectoryUpkeep(world.clock(), world.diskThreads(), world.cleanerThreads(), world.cleanerWaits());
        this.directories = new LogDirectories(settings, world, configuration, upkeep, this::onDirectoryChange);
        this.replicas = new ReplicaLifecycle(
                settings.nodeId(),
                partitions,
                directories,
                topic -> LogConfigs.of(configuration.topic(topic), configuration.broker()),
                world.loops(),
                List.of(
                        new GroupLeadership(groups, offsetsCompression(), world.diskThreads(), world.clock()),
                        transactions.leadership()),
                peers.following(),
                upkeep,
                replication(upkeep),
                this::onOfflineReplicas,
                world.replicaOrder());
    }

    private Replication replication(DirectoryUpkeep upkeep) {
        return new Replication(
                settings.nodeId(),
                peers.isrChanges(),
                cluster::mayBeInSync,
                settings.values().longValue("replica.lag.time.max.ms"),
                settings.values().value("replica.selector.class").isPresent(),
                upkeep,
                new LaggingPartitions(world.loops().apply(0)),
                peers::isFenced,
                new IsrNews(world.loops().apply(0)));
    }

    private GroupCoordinator groupCoordinator() {
        return new GroupCoordinator(
                () -> CoreConfigs.groups(configuration.broker()),
                group -> CoreConfigs.groupSettings(configuration.group(group)),
                topicsForGroups::get,
                () -> Uuid.random(world.random()),
                world.loops(),
                world.background());
    }

    private Compression offsetsCompression() {
        int id = settings.values().intValue("offsets.topic.compression.codec");
        return Compression.of(CompressionType.forId(id));
    }

    /// What the network hands requests to. Nobody may be let in before [#join].
    public RequestProcessor requests() {
        return new RequestProcessor() {
            @Override
            public void onRequest(Exchange exchange) {
                Objects.requireNonNull(dispatcher).onRequest(exchange);
            }

            @Override
            public void onDisconnected(Connection connection) {
                Dispatcher made = dispatcher;
                if (made != null) made.onDisconnected(connection);
            }
        };
    }

    /// Locks and loads the log directories. Completes when every log is open.
    ///
    /// @throws IOException with a text for the operator
    public CompletableFuture<Void> openLogs(String clusterId) throws IOException {
        return directories.open(clusterId);
    }

    /// Reads the cluster's metadata and follows it from now on.
    ///
    /// @param expectedClusterId what the data folders say, where they belong to a cluster already
    /// @param pastSessions whether a session of the store was one of an earlier process of this broker
    /// @param hostsStoreLeader whether the store's leader runs in this broker's process
    /// @return fails with a [dev.tidemark.metadata.control.RefusedException] that says what is wrong
    public CompletableFuture<ClusterImage> join(
            MetadataStore store,
            Optional<String> expectedClusterId,
            LongPredicate pastSessions,
            BooleanSupplier hostsStoreLeader) {
        ControlPlaneSettings planeSettings = new ControlPlaneSettings(
                settings.nodeId(),
                expectedClusterId,
                Uuid.random(world.random()).toString(),
                pastSessions,
                hostsStoreLeader,
                REGISTRATION_WAIT_MS,
                CoreConfigs.controller(settings.values()));
        ControlPlane made = new ControlPlane(
                planeSettings,
                new ConfigDefinitions(configuration::broker),
                store,
                world.loops().apply(0));
        plane = made;
        made.addListener(new MetadataApplier(
                cluster, configuration, replicas, groups, topicsForGroups, this::onBrokerConfigChange));
        made.addListener(peers);
        dispatcher = new CoreHandlers(
                        settings,
                        world,
                        made,
                        store,
                        cluster,
                        partitions,
                        configuration,
                        groups,
                        replicas,
                        directories,
                        peers,
                        transactions)
                .dispatcher();
        return made.load().thenApply(image -> {
            directories.onConfigured();
            return image;
        });
    }

    /// Opens this broker's replicas; nothing is led yet.
    public CompletableFuture<Void> openReplicas() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        replicas.onLoaded(plane().image(), () -> opened.complete(null));
        return opened;
    }

    /// Registers with the cluster and stands for controller.
    ///
    /// @param endpoints where others reach this broker
    /// @return the broker's epoch
    public CompletableFuture<Long> register(List<BrokerEndpoint> endpoints) {
        TreeMap<String, FeatureRange> features = new TreeMap<>();
        features.put("group.version", new FeatureRange(0, 1));
        features.put(CoreTransactions.FEATURE, CoreTransactions.VERSIONS);
        String rack =
                settings.values().value("broker.rack").map(Object::toString).orElse(null);
        return plane().register(new BrokerRegistration(settings.nodeId(), -1, endpoints, rack, features, hasAll()))
                .thenApply(epoch -> {
                    isSeen = true;
                    return epoch;
                });
    }

    /// Whether the logs are as they were when this broker stopped last.
    private boolean hasAll() {
        return directories.wereCleanlyStopped() && !replicas.hasLostLogs();
    }

    /// Takes over what the metadata says that this broker leads. Afterwards it serves.
    public CompletableFuture<Void> lead() {
        CompletableFuture<Void> led = new CompletableFuture<>();
        peers.onLeading(replicas::afterWhatIsUnderWay);
        replicas.onRegistered(plane().image(), () -> led.complete(null));
        return led;
    }

    public boolean isJoined() {
        return plane != null;
    }

    /// The control plane. To be called after [#join].
    public ControlPlane plane() {
        return Objects.requireNonNull(plane);
    }

    public Partitions partitions() {
        return partitions;
    }

    /// Who is to hear of the broker's configs when they change while it runs.
    public void onConfigChange(Consumer<ConfigValues> listener) {
        onConfigChange = listener;
    }

    private void onBrokerConfigChange() {
        ConfigValues values = configuration.broker();
        directories.upkeep().onConfigChange(values);
        peers.onConfigChange(values);
        onConfigChange.accept(values);
    }

    /// On the thread that noticed, which may be one of a request.
    private void onDirectoryChange() {
        ControlPlane known = plane;
        if (known == null) return;
        try {
            replicas.onDirectoryChange(known::image);
        } catch (RejectedExecutionException stopped) {
            // Nobody is to be told any more.
        }
    }

    private void onOfflineReplicas(OfflineReplicas offline) {
        ControlPlane known = plane;
        if (known != null) known.onOfflineReplicas(offline);
    }

    /// Begins the end: no more work in the background, and groups answer that they are gone. Clients must be gone.
    public void stop() {
        peers.stopCopying();
        directories.upkeep().stop();
        groups.shutdown();
        transactions.stop();
    }

    /// Gives what this broker leads to those who can lead it (`controlled.shutdown.enable`). Clients go on meanwhile,
    /// and are sent to the new leaders. Bound the wait: there may be no controller.
    public CompletableFuture<Void> handOver() {
        ControlPlane known = plane;
        boolean wanted = settings.values().booleanValue("controlled.shutdown.enable");
        return known == null || !wanted ? CompletableFuture.completedFuture(null) : known.controlledShutdown();
    }

    /// Takes the registration back and ends the session with the store.
    public CompletableFuture<Void> leave() {
        ControlPlane known = plane;
        CompletableFuture<Void> left = known == null ? CompletableFuture.completedFuture(null) : known.stop();
        return left.whenComplete((_, _) -> peers.close());
    }

    /// Forces and closes the logs. The tasks given to [BrokerWorld#replicaOrder] must have ended.
    ///
    /// A broker that may have lost records, and ends before the controller knows of it, leaves that
    /// as it found it: its next start would else claim that its logs are complete, and lead with them.
    /// What was marked as cleanly stopped is so again, unless folders are missing in it.
    public CompletableFuture<Void> closeLogs() {
        return directories.close(directory -> isSeen || (directory.wasCleanlyStopped() && !replicas.hasLostLogs()));
    }
}
