package dev.tidemark.dist.broker;

import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.zookeeper.CuratorMetadataStore;
import dev.tidemark.zookeeper.EmbeddedZooKeeper;
import dev.tidemark.zookeeper.EmbeddedZooKeeperSettings;
import dev.tidemark.zookeeper.PastSessions;
import dev.tidemark.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection to ZooKeeper, and the broker's own ZooKeeper where it runs one.
final class ControlStore {
    private static final Logger LOG = LoggerFactory.getLogger(ControlStore.class);
    private static final int ANY_PORT = 0;
    private static final int SESSION_TIMEOUT_MAX_MS = 60_000;

    private static final String PAST_SESSIONS_FILE = ".zookeeper-sessions";

    private final @Nullable EmbeddedZooKeeper own;
    private final MetadataStore store;
    private final LongPredicate pastSessions;

    private ControlStore(@Nullable EmbeddedZooKeeper own, MetadataStore store, LongPredicate pastSessions) {
        this.own = own;
        this.store = store;
        this.pastSessions = pastSessions;
    }

    /// Starts the broker's own ZooKeeper if it has one, and begins to connect.
    static ControlStore start(BrokerSettings settings) throws StartException {
        int sessionTimeoutMs = settings.values().intValue("zookeeper.session.timeout.ms");
        int connectionTimeoutMs = settings.values()
                .value("zookeeper.connection.timeout.ms")
                .map(value -> ((Number) value).intValue())
                .orElse(sessionTimeoutMs);
        if (settings.ownZooKeeperDir().isEmpty()) {
            String connect = settings.values().stringValue("zookeeper.connect");
            PastSessions past = new PastSessions(settings.logDirs().getFirst().resolve(PAST_SESSIONS_FILE));
            ZooKeeperSettings client = new ZooKeeperSettings(connect, sessionTimeoutMs, connectionTimeoutMs);
            return new ControlStore(null, connect(client, past::remember), past);
        }
        EmbeddedZooKeeper own = startOwn(settings);
        try {
            ZooKeeperSettings client =
                    new ZooKeeperSettings(own.connectString(), sessionTimeoutMs, connectionTimeoutMs);
            return new ControlStore(own, connect(client, session -> {}), own::isFromBeforeStart);
        } catch (StartException failure) {
            own.close();
            throw failure;
        }
    }

    private static MetadataStore connect(ZooKeeperSettings settings, LongConsumer onNewSession) throws StartException {
        try {
            return CuratorMetadataStore.connect(settings, onNewSession).join();
        } catch (CompletionException failure) {
            throw new StartException(
                    String.valueOf(
                            failure.getCause() == null
                                    ? failure
                                    : failure.getCause().getMessage()),
                    failure);
        }
    }

    /// On the wanted port, or on any other if that is taken: only this broker needs to find it.
    private static EmbeddedZooKeeper startOwn(BrokerSettings settings) throws StartException {
        Path dataDir = settings.ownZooKeeperDir().orElseThrow();
        int port = settings.values().intValue("tidemark.zookeeper.port");
        try {
            return EmbeddedZooKeeper.start(
                    new EmbeddedZooKeeperSettings(dataDir, freeOr(port), SESSION_TIMEOUT_MAX_MS));
        } catch (IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /// `port`, or 0 for any other if somebody listens there already.
    private static int freeOr(int port) {
        if (port == ANY_PORT) return ANY_PORT;
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException taken) {
            LOG.info("ZooKeeper's port {} is taken; another one is used.", port);
            return ANY_PORT;
        }
    }

    /// Tells whether a ZooKeeper session was one of an earlier process of this broker, which is certainly dead.
    LongPredicate pastSessions() {
        return pastSessions;
    }

    MetadataStore store() {
        return store;
    }

    /// Ends the broker's own ZooKeeper. The session was ended by the control plane.
    void stop() {
        if (own != null) own.close();
    }
}
