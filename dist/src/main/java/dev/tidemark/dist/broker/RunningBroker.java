package dev.tidemark.dist.broker;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.core.BrokerCore;
import dev.tidemark.broker.core.BrokerWorld;
import dev.tidemark.broker.core.ClusterIdentity;
import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.network.NettyLoop;
import dev.tidemark.network.NettyLoops;
import dev.tidemark.network.NettyPeerTransport;
import dev.tidemark.network.NettyServer;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.cleaner.PassWaits;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
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
    private static final long HAND_OVER_MS_MAX = 10_000;

    private final BrokerSettings settings;
    private final Disk disk = new FileDisk();
    private final Clock clock = Clock.SYSTEM;
    private final SecureRandom random = new SecureRandom();
    private final ExecutorService diskThreads = Threads.pool("tidemark-disk", DISK_THREADS);
    private final ExecutorService replicaThread = Threads.inOrder("tidemark-replicas");
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ExecutorService cleanerThreads = Threads.asNeeded("tidemark-cleaner");
    private final ExecutorService background = Threads.virtual("tidemark-background");
    private @Nullable NettyLoops loops;
    private @Nullable NettyPeerTransport transport;
    private @Nullable NettyServer server;
    private @Nullable CompletableFuture<ControlStore> connecting;
    private @Nullable BrokerCore core;
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
            broker.close();
            throw failure;
        }
    }

    private void start() throws StartException {
        ClusterIdentity identity = identity();
        int nodeId = identity.nodeIdOr(settings.nodeId());
        CompletableFuture<ControlStore> store = connectAside(identity);
        connecting = store;
        NettyLoops allLoops = NettyLoops.start(
                settings.texts().containsKey("num.network.threads")
                        ? settings.values().intValue("num.network.threads")
                        : NettyLoops.defaultCount());
        loops = allLoops;
        BrokerCore made = new BrokerCore(settings.core(nodeId), world(allLoops));
        core = made;
        NettyServer bound = bind(made, allLoops);
        server = bound;
        made.onConfigChange(values -> bound.limitConnections(ComponentConfigs.connectionLimits(values)));
        CompletableFuture<Void> logs = identity.clusterId().isPresent()
                ? openLogs(made, identity.clusterId().get())
                : CompletableFuture.completedFuture(null);
        ControlStore connected = await(store, "connecting to ZooKeeper");
        ClusterImage image = await(
                made.join(connected.store(), identity.clusterId(), connected.pastSessions(), connected.hostsLeader()),
                "reading the cluster's metadata");
        if (identity.clusterId().isEmpty()) logs = openLogs(made, image.clusterId());
        await(logs, "loading the logs");
        await(made.openReplicas(), "opening the partitions");
        await(made.register(endpoints(bound)), "registering with the cluster");
        await(made.lead(), "taking over the partitions");
        bound.open();
    }

    private BrokerWorld world(NettyLoops allLoops) {
        List<NettyLoop> all = allLoops.all();
        NettyPeerTransport toPeers = new NettyPeerTransport(allLoops, ComponentConfigs.peers(settings));
        transport = toPeers;
        return new BrokerWorld(
                disk,
                clock,
                random,
                number -> all.get(Math.floorMod(number, all.size())),
                background,
                diskThreads,
                cleanerThreads,
                PassWaits.BLOCKING,
                replicaThread,
                toPeers);
    }

    private ClusterIdentity identity() throws StartException {
        try {
            return ClusterIdentity.of(settings.logDirs(), disk);
        } catch (IOException unusable) {
            throw new StartException(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    /// ZooKeeper starts and connects while other things are done.
    private CompletableFuture<ControlStore> connectAside(ClusterIdentity identity) {
        CompletableFuture<ControlStore> store = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("tidemark-zookeeper-start").start(() -> {
            try {
                store.complete(ControlStore.start(settings, identity));
            } catch (StartException | RuntimeException failure) {
                store.completeExceptionally(failure);
            }
        });
        return store;
    }

    private NettyServer bind(BrokerCore made, NettyLoops allLoops) throws StartException {
        try {
            return NettyServer.bind(ComponentConfigs.network(settings), allLoops, made.requests());
        } catch (IOException taken) {
            throw new StartException(
                    taken.getMessage() + " Choose another port in listeners, or stop whoever has it.", taken);
        }
    }

    private static CompletableFuture<Void> openLogs(BrokerCore made, String clusterId) throws StartException {
        try {
            return made.openLogs(clusterId);
        } catch (IOException unusable) {
            throw new StartException(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    private List<BrokerEndpoint> endpoints(NettyServer bound) {
        Map<String, Integer> ports = bound.boundPorts();
        List<BrokerEndpoint> endpoints = new ArrayList<>();
        for (ListenerAddress listener : settings.listeners()) {
            int boundPort = ports.getOrDefault(listener.name(), listener.port());
            endpoints.add(endpoint(listener, boundPort));
        }
        return endpoints;
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

    private <T> T await(CompletableFuture<T> future, String what) throws StartException {
        try {
            return future.join();
        } catch (CompletionException failure) {
            Throwable cause = Optional.ofNullable(failure.getCause()).orElse(failure);
            if (cause instanceof StartException start) throw start;
            if (cause instanceof RefusedException refused && refused.error() == ErrorCode.INCONSISTENT_CLUSTER_ID)
                throw settings.notOfOneCluster(String.valueOf(refused.getMessage()), refused);
            throw new StartException("Failed while " + what + ": " + cause.getMessage(), cause);
        }
    }

    /// The port of each listener by name.
    public Map<String, Integer> ports() {
        return Objects.requireNonNull(server).boundPorts();
    }

    private ClusterImage image() {
        return Objects.requireNonNull(core).plane().image();
    }

    public List<Path> logDirs() {
        return settings.logDirs();
    }

    /// Where clients reach it, as `NAME://host:port`.
    public List<String> endpoints() {
        return endpoints(Objects.requireNonNull(server)).stream()
                .map(BrokerEndpoint::connectionString)
                .toList();
    }

    public String clusterId() {
        return image().clusterId();
    }

    /// Returns when the broker has stopped.
    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /// Stops cleanly: hands leaderships over, answers what is in process, takes the registration back, forces and
    /// closes the logs.
    public void stop() {
        synchronized (this) {
            if (isStopping) return;
            isStopping = true;
        }
        LOG.info("Stopping: leaderships are handed over, then the logs are closed");
        long sinceNs = System.nanoTime();
        close();
        LOG.info("Stopped after {} ms", (System.nanoTime() - sinceNs) / 1_000_000);
        stopped.countDown();
    }

    private void close() {
        if (core != null) {
            var handedOver = core.handOver().completeOnTimeout(null, HAND_OVER_MS_MAX, TimeUnit.MILLISECONDS);
            settle(handedOver, "handing leaderships over");
        }
        if (server != null) server.close(CLIENTS_GRACE_MS);
        if (core != null) core.stop();
        if (core != null) settle(core.leave(), "leaving the cluster");
        cleanerThreads.shutdownNow();
        background.shutdown();
        replicaThread.shutdown();
        if (core != null) core.closeLogs().join();
        // Where the start has failed earlier, it may still be connecting.
        if (connecting != null) {
            var _ = connecting.thenAccept(this::disconnect);
        }
        diskThreads.shutdown();
        if (transport != null) transport.close();
        if (loops != null) loops.close();
    }

    /// The control plane, where there was one, has ended the session.
    private void disconnect(ControlStore connected) {
        if (core == null || !core.isJoined()) {
            var _ = connected.store().close();
        }
        connected.stop();
    }

    private static void settle(CompletableFuture<?> future, String what) {
        try {
            future.join();
        } catch (CompletionException failure) {
            LOG.warn("Failed while {}: {}", what, String.valueOf(failure.getCause()));
        }
    }
}
