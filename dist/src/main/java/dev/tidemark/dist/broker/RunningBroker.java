package dev.tidemark.dist.broker;

import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.config.LogConfigs;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControlPlaneSettings;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.network.NettyLoops;
import dev.tidemark.network.NettyServer;
import dev.tidemark.storage.directory.LogDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole broker in this process: started, running, stopped once.
///
/// What does not wait for each other starts side by side: ZooKeeper and the session with it, and the loading of the
/// log directories. Owner: the thread that starts it; [#stop] may come from any.
public final class RunningBroker {
    private static final Logger LOG = LoggerFactory.getLogger(RunningBroker.class);
    private static final int DISK_THREADS = 4;
    private static final long CLIENTS_GRACE_MS = 5_000;
    private static final long REGISTRATION_WAIT_MS = 30_000;

    private final BrokerSettings settings;
    private final Disk disk = new FileDisk();
    private final Clock clock = Clock.SYSTEM;
    private final SecureRandom random = new SecureRandom();
    private final ExecutorService diskThreads = Threads.pool("tidemark-disk", DISK_THREADS);
    private final ExecutorService replicaThread = Threads.inOrder("tidemark-replicas");
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<LogDirectory> directories = new ArrayList<>();
    private @Nullable NettyLoops loops;
    private @Nullable NettyServer server;
    private @Nullable ControlStore controlStore;
    private @Nullable ControlPlane controlPlane;
    private @Nullable BrokerParts parts;
    private boolean isStopping;

    private RunningBroker(BrokerSettings settings) {
        this.settings = settings;
    }

    /// Starts a broker with these settings; returns when clients are served.
    ///
    /// @param texts `server.properties` and what was laid over it
    /// @throws StartException if it cannot start; nothing is left running then
    public static RunningBroker start(Map<String, String> texts) throws StartException {
        RunningBroker broker = new RunningBroker(BrokerSettings.of(texts));
        try {
            broker.start();
            return broker;
        } catch (StartException | RuntimeException failure) {
            broker.stop();
            throw failure;
        }
    }

    private void start() throws StartException {
        CompletableFuture<ControlStore> connecting = connectAside();
        ClusterIdentity identity = ClusterIdentity.of(settings.logDirs(), disk);
        int nodeId = identity.nodeIdOr(settings.nodeId());
        NettyLoops allLoops = NettyLoops.start(
                settings.texts().containsKey("num.network.threads")
                        ? settings.values().intValue("num.network.threads")
                        : NettyLoops.defaultCount());
        loops = allLoops;
        BrokerParts made = new BrokerParts(
                nodeId, settings, disk, clock, random, allLoops, diskThreads, replicaThread, () -> directories);
        parts = made;
        NettyServer bound = bind(made, allLoops);
        server = bound;
        made.onConnectionLimits(bound::limitConnections);
        CompletableFuture<Void> logs = identity.clusterId().isPresent()
                ? openLogs(identity.clusterId().get(), nodeId)
                : CompletableFuture.completedFuture(null);
        ClusterImage image = joinCluster(connecting, identity, nodeId);
        if (identity.clusterId().isEmpty()) logs = openLogs(image.clusterId(), nodeId);
        await(logs, "loading the logs");
        bringUpReplicas(made, image);
        register(nodeId);
        lead(made);
        openToClients();
    }

    /// ZooKeeper starts and connects while other things are done.
    private CompletableFuture<ControlStore> connectAside() {
        CompletableFuture<ControlStore> connecting = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("tidemark-zookeeper-start").start(() -> {
            try {
                connecting.complete(ControlStore.start(settings));
            } catch (StartException | RuntimeException failure) {
                connecting.completeExceptionally(failure);
            }
        });
        return connecting;
    }

    private NettyServer bind(BrokerParts made, NettyLoops allLoops) throws StartException {
        try {
            return NettyServer.bind(ComponentConfigs.network(settings), allLoops, made.dispatcher());
        } catch (IOException taken) {
            throw new StartException(
                    taken.getMessage() + " Choose another port in listeners, or stop whoever has it.", taken);
        }
    }

    private CompletableFuture<Void> openLogs(String clusterId, int nodeId) throws StartException {
        List<CompletableFuture<Void>> loading = new ArrayList<>();
        int recoveryThreads = settings.values().intValue("num.recovery.threads.per.data.dir");
        Loop timers = Objects.requireNonNull(loops).next();
        for (Path path : settings.logDirs()) {
            LogDirectory.Options defaults = LogDirectory.Options.of(path);
            LogDirectory.Options options = new LogDirectory.Options(
                    path,
                    recoveryThreads,
                    defaults.openFilesMax(),
                    defaults.writeBackBytes(),
                    defaults.writeBackMs(),
                    defaults.probeMs());
            LogDirectory.Identity identity = new LogDirectory.Identity(clusterId, nodeId, Uuid.random(random));
            try {
                LogDirectory directory =
                        LogDirectory.open(options, identity, disk, timers, diskThreads, new DirectoryReports());
                directories.add(directory);
                BrokerParts made = Objects.requireNonNull(parts);
                made.upkeep().takeOn(directory, settings.values(), timers);
                loading.add(directory.load(topic -> LogConfigs.of(
                        made.configuration().topic(topic), made.configuration().broker())));
            } catch (IOException failure) {
                throw new StartException("Cannot use the log directory " + path + ": " + failure.getMessage(), failure);
            }
        }
        return CompletableFuture.allOf(loading.toArray(CompletableFuture[]::new));
    }

    private ClusterImage joinCluster(CompletableFuture<ControlStore> connecting, ClusterIdentity identity, int nodeId)
            throws StartException {
        ControlStore connected = await(connecting, "connecting to ZooKeeper");
        controlStore = connected;
        BrokerParts made = Objects.requireNonNull(parts);
        ControlPlaneSettings planeSettings = new ControlPlaneSettings(
                nodeId,
                identity.clusterId(),
                Uuid.random(random).toString(),
                connected.pastSessions(),
                REGISTRATION_WAIT_MS,
                ComponentConfigs.controller(settings.values()));
        ControlPlane plane = new ControlPlane(
                planeSettings,
                made.configRules(),
                connected.store(),
                Objects.requireNonNull(loops).next());
        controlPlane = plane;
        made.join(plane, connected.store());
        return await(plane.load(), "reading the cluster's metadata");
    }

    private static void bringUpReplicas(BrokerParts made, ClusterImage image) throws StartException {
        CompletableFuture<Void> up = new CompletableFuture<>();
        made.replicas().onLoaded(image, () -> up.complete(null));
        await(up, "opening the partitions");
    }

    private void lead(BrokerParts made) throws StartException {
        CompletableFuture<Void> led = new CompletableFuture<>();
        made.replicas().onRegistered(Objects.requireNonNull(controlPlane).image(), () -> led.complete(null));
        await(led, "taking over the partitions");
    }

    private void register(int nodeId) throws StartException {
        Map<String, Integer> ports = Objects.requireNonNull(server).boundPorts();
        List<BrokerEndpoint> endpoints = new ArrayList<>();
        for (ListenerAddress listener : settings.listeners()) {
            int boundPort = ports.getOrDefault(listener.name(), listener.port());
            endpoints.add(endpoint(listener, boundPort));
        }
        TreeMap<String, FeatureRange> features = new TreeMap<>();
        features.put("group.version", new FeatureRange(0, 1));
        String rack =
                settings.values().value("broker.rack").map(Object::toString).orElse(null);
        boolean stoppedCleanly = directories.stream().allMatch(LogDirectory::wasCleanlyStopped);
        BrokerRegistration self = new BrokerRegistration(nodeId, -1, endpoints, rack, features, stoppedCleanly);
        await(Objects.requireNonNull(controlPlane).register(self), "registering with the cluster");
    }

    private BrokerEndpoint endpoint(ListenerAddress listener, int boundPort) {
        ListenerAddress told = settings.advertised().get(listener.name());
        if (told != null) {
            return new BrokerEndpoint(
                    listener.name(), told.host(), told.port() == 0 ? boundPort : told.port(), "PLAINTEXT");
        }
        String host = listener.isEveryAddress() ? ownHostName() : listener.host();
        return new BrokerEndpoint(listener.name(), host, boundPort, "PLAINTEXT");
    }

    private static String ownHostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException unknown) {
            LOG.warn(
                    "This machine's name is unknown ({}): clients are told 'localhost'. Set advertised.listeners.",
                    unknown.getMessage());
            return "localhost";
        }
    }

    private void openToClients() {
        Objects.requireNonNull(server).open();
    }

    private static <T> T await(CompletableFuture<T> future, String what) throws StartException {
        try {
            return future.join();
        } catch (CompletionException failure) {
            Throwable cause = Optional.ofNullable(failure.getCause()).orElse(failure);
            if (cause instanceof StartException start) throw start;
            throw new StartException("Failed while " + what + ": " + cause.getMessage(), cause);
        }
    }

    /// The port of each listener by name.
    public Map<String, Integer> ports() {
        return Objects.requireNonNull(server).boundPorts();
    }

    public List<Path> logDirs() {
        return settings.logDirs();
    }

    /// Where clients reach it, as `NAME://host:port`.
    public List<String> endpoints() {
        return Objects.requireNonNull(controlPlane).image().brokers().values().stream()
                .flatMap(broker -> broker.endpoints().stream())
                .map(BrokerEndpoint::connectionString)
                .toList();
    }

    public String clusterId() {
        return Objects.requireNonNull(controlPlane).image().clusterId();
    }

    /// Returns when the broker has stopped.
    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /// Stops cleanly: answers what is in process, takes the registration back, forces and closes the logs.
    public void stop() {
        synchronized (this) {
            if (isStopping) return;
            isStopping = true;
        }
        if (server != null) server.close(CLIENTS_GRACE_MS);
        if (parts != null) parts.stop();
        if (controlPlane != null) settle(controlPlane.stop(), "leaving the cluster");
        replicaThread.shutdown();
        for (LogDirectory directory : directories) settle(directory.close(true), "closing " + directory.path());
        if (controlStore != null) controlStore.stop();
        diskThreads.shutdown();
        if (loops != null) loops.close();
        stopped.countDown();
    }

    private static void settle(CompletableFuture<?> future, String what) {
        try {
            future.join();
        } catch (CompletionException failure) {
            LOG.warn("Failed while {}: {}", what, String.valueOf(failure.getCause()));
        }
    }

    /// Tells the operator of log directories that fail and come back, and makes up for what they missed.
    private final class DirectoryReports implements LogDirectory.Listener {
        @Override
        public void onOffline(LogDirectory directory, IOException cause) {
            LOG.error(
                    "The log directory {} is offline: {}. Its partitions refuse writes until the disk works again.",
                    directory.path(),
                    cause.toString());
        }

        @Override
        public void onOnline(LogDirectory directory) {
            LOG.info("The log directory {} works again.", directory.path());
            BrokerParts made = parts;
            ControlPlane plane = controlPlane;
            if (made != null && plane != null) made.replicas().onDirectoryOnline(plane::image);
        }
    }
}
