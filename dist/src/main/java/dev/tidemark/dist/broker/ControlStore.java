package dev.tidemark.dist.broker;

import dev.tidemark.broker.core.ClusterIdentity;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.zookeeper.CuratorMetadataStore;
import dev.tidemark.zookeeper.EmbeddedEnsembleMember;
import dev.tidemark.zookeeper.EmbeddedZooKeeper;
import dev.tidemark.zookeeper.EmbeddedZooKeeperSettings;
import dev.tidemark.zookeeper.Ensemble;
import dev.tidemark.zookeeper.EnsembleMemberSettings;
import dev.tidemark.zookeeper.PastSessions;
import dev.tidemark.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection to ZooKeeper, and the broker's own server or member where it runs one.
final class ControlStore {
    private static final Logger LOG = LoggerFactory.getLogger(ControlStore.class);
    private static final int ANY_PORT = 0;
    private static final int SESSION_TIMEOUT_MAX_MS = 60_000;
    private static final int CONNECTION_TIMEOUT_MS = 60_000;

    /// A member that joins a quorum takes less; then the client need not try in vain, and wait.
    private static final long OWN_MEMBER_WAIT_MS = 1_500;

    private static final String PAST_SESSIONS_FILE = ".zookeeper-sessions";

    private final Runnable stopOwn;
    private final MetadataStore store;
    private final LongPredicate pastSessions;
    private final BooleanSupplier hostsLeader;

    private ControlStore(
            Runnable stopOwn, MetadataStore store, LongPredicate pastSessions, BooleanSupplier hostsLeader) {
        this.stopOwn = stopOwn;
        this.store = store;
        this.pastSessions = pastSessions;
        this.hostsLeader = hostsLeader;
    }

    /// Starts what the broker hosts of ZooKeeper, and connects. Blocks.
    ///
    /// @param identity whose the log directories are
    static ControlStore start(BrokerSettings settings, ClusterIdentity identity) throws StartException {
        int nodeId = identity.nodeIdOr(settings.nodeId());
        return switch (settings.zooKeeper()) {
            case ZooKeeperChoice.Own own -> ofOwn(settings, own, identity.clusterId());
            case ZooKeeperChoice.Hosted hosted -> ofEnsemble(settings, hosted, nodeId);
            case ZooKeeperChoice.Outside(var connect) ->
                remembering(settings, client(settings, connect, false), () -> {}, () -> false);
        };
    }

    /// The cluster of `clusterId`, where there is one, cannot be in a folder without data: none is begun there, so that
    /// what was lost can be brought back.
    private static ControlStore ofOwn(BrokerSettings settings, ZooKeeperChoice.Own choice, Optional<String> clusterId)
            throws StartException {
        EmbeddedZooKeeper own;
        try {
            if (clusterId.isPresent() && !EmbeddedZooKeeper.hasData(choice.dataDir())) {
                throw settings.notOfOneCluster(
                        "The log directories belong to cluster " + clusterId.get()
                                + " (meta.properties), but ZooKeeper has no data.",
                        null);
            }
            own = EmbeddedZooKeeper.start(
                    new EmbeddedZooKeeperSettings(choice.dataDir(), freeOr(choice.port()), SESSION_TIMEOUT_MAX_MS));
        } catch (IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        }
        try {
            MetadataStore store = CuratorMetadataStore.connect(
                            client(settings, own.connectString(), true), session -> {})
                    .join();
            return new ControlStore(own::close, store, own::isFromBeforeStart, () -> false);
        } catch (CompletionException failure) {
            own.close();
            throw notConnected(failure);
        }
    }

    private static ControlStore ofEnsemble(BrokerSettings settings, ZooKeeperChoice.Hosted choice, int nodeId)
            throws StartException {
        Ensemble ensemble = choice.ensemble();
        Optional<Ensemble.Member> hosted = ensemble.member(choice.memberId().orElse(nodeId));
        if (hosted.isEmpty()) {
            return remembering(settings, client(settings, ensemble.connectString(), false), () -> {}, () -> false);
        }
        EmbeddedEnsembleMember member = startMember(choice, hosted.get());
        String connect = hosted.get().clientAddress() + others(ensemble, hosted.get());
        return remembering(settings, client(settings, connect, true), member::close, member::isLeading);
    }

    private static EmbeddedEnsembleMember startMember(ZooKeeperChoice.Hosted choice, Ensemble.Member self)
            throws StartException {
        EmbeddedEnsembleMember member;
        try {
            member = EmbeddedEnsembleMember.start(new EnsembleMemberSettings(
                    choice.dataDir(),
                    choice.ensemble(),
                    self.id(),
                    choice.tickMs(),
                    choice.initLimit(),
                    choice.syncLimit(),
                    SESSION_TIMEOUT_MAX_MS));
        } catch (IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        }
        CompletableFuture<Void> serving = member.serving();
        serving.completeOnTimeout(null, OWN_MEMBER_WAIT_MS, TimeUnit.MILLISECONDS)
                .join();
        return member;
    }

    /// The other members, for the time when the broker's own does not serve.
    private static String others(Ensemble ensemble, Ensemble.Member self) {
        StringBuilder others = new StringBuilder();
        for (Ensemble.Member member : ensemble.members().values()) {
            if (!member.equals(self)) others.append(',').append(member.clientAddress());
        }
        return others.toString();
    }

    /// Connects to servers that outlive the broker: which sessions were its own is known from a file.
    private static ControlStore remembering(
            BrokerSettings settings, ZooKeeperSettings client, Runnable stopOwn, BooleanSupplier hostsLeader)
            throws StartException {
        PastSessions past = new PastSessions(settings.logDirs().getFirst().resolve(PAST_SESSIONS_FILE));
        try {
            return new ControlStore(
                    stopOwn,
                    CuratorMetadataStore.connect(client, past::remember).join(),
                    past,
                    hostsLeader);
        } catch (CompletionException failure) {
            stopOwn.run();
            throw notConnected(failure);
        }
    }

    private static ZooKeeperSettings client(BrokerSettings settings, String connect, boolean firstPreferred) {
        int connectionTimeoutMs = settings.values()
                .value("zookeeper.connection.timeout.ms")
                .map(value -> ((Number) value).intValue())
                .orElse(CONNECTION_TIMEOUT_MS);
        return new ZooKeeperSettings(
                connect,
                settings.values().intValue("zookeeper.session.timeout.ms"),
                connectionTimeoutMs,
                firstPreferred);
    }

    private static StartException notConnected(CompletionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new StartException(String.valueOf(cause.getMessage()), failure);
    }

    /// `port`, or 0 for any other if somebody listens there already: only this broker needs to find it.
    private static int freeOr(int port) {
        if (port == ANY_PORT) return ANY_PORT;
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException taken) {
            LOG.warn(
                    "Port {} for the broker's own ZooKeeper (tidemark.zookeeper.port) is taken by another process; a free"
                            + " port is used instead, which the next lines name. The broker itself does not mind, but"
                            + " ZooKeeper tools must be given that port.",
                    port);
            return ANY_PORT;
        }
    }

    /// Tells whether a ZooKeeper session was one of an earlier process of this broker, which is certainly dead.
    LongPredicate pastSessions() {
        return pastSessions;
    }

    /// Tells whether the leader of an ensemble that outlives this process runs in it.
    BooleanSupplier hostsLeader() {
        return hostsLeader;
    }

    MetadataStore store() {
        return store;
    }

    /// Ends what the broker hosts of ZooKeeper. The session was ended by the control plane.
    void stop() {
        stopOwn.run();
    }
}
