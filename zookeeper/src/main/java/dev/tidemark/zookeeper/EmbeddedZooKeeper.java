package dev.tidemark.zookeeper;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A ZooKeeper server of one member inside this process, persistent in a folder, for the loopback interface only.
///
/// No JMX, no admin server, no four-letter words, no Netty. Every transaction is on disk before it is acknowledged. A
/// server that an error has stopped (a full disk) is started again every second until it stays.
///
/// Owner: its lock. Life cycle: [#start], [#close]; a virtual thread of its own removes old snapshots and restarts.
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final String VERSION_DIR = "version-2";
    private static final int TICK_MS = 1_000;
    private static final int SESSION_TIMEOUT_MIN_MS = 1_000;
    private static final int CONNECTIONS_PER_ADDRESS_MAX = 200;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final long PREALLOCATED_BYTES = 1 << 20;
    private static final long RESTART_DELAY_MS = 1_000;
    private static final long KEEP_PERIOD_MS = 15_000;

    /// Each start begins a new log; more of them are due for a snapshot, after which the old ones go.
    private static final int LOGS_MAX = 4;

    /// Replaying transactions costs a start more than loading a snapshot of their outcome.
    private static final long SNAPSHOT_AFTER_BYTES = 3 * PREALLOCATED_BYTES / 2;

    static {
        ServerProperties.set();
    }

    private final EmbeddedZooKeeperSettings settings;
    private final DataFolderLock folderLock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable QuietZooKeeperServer server;
    private QuietZooKeeperServer.@Nullable Connections connections;
    private Set<Long> sessionsAtStart = Set.of();
    private @Nullable FileTxnSnapLog files;

    /// The size of the transaction logs when the last snapshot was taken; negative for what was there before the start.
    private long logBytesAtSnapshot;

    private int port;
    private boolean failed;
    private boolean closed;

    private EmbeddedZooKeeper(EmbeddedZooKeeperSettings settings, DataFolderLock folderLock) {
        this.settings = settings;
        this.folderLock = folderLock;
        this.port = settings.port();
    }

    /// Starts the server; it takes connections when this returns. Blocks.
    ///
    /// @throws IOException saying what is wrong, and with which folder or port
    public static EmbeddedZooKeeper start(EmbeddedZooKeeperSettings settings) throws IOException {
        EmbeddedZooKeeper embedded = new EmbeddedZooKeeper(settings, DataFolderLock.acquire(settings.dataDir()));
        embedded.lock.lock();
        try {
            embedded.openOrGiveUp();
            embedded.sessionsAtStart = Set.copyOf(java.util.Objects.requireNonNull(embedded.server)
                    .getZKDatabase()
                    .getSessions());
        } finally {
            embedded.lock.unlock();
        }
        Thread.ofVirtual().name("zookeeper-keeper").start(embedded::keep);
        return embedded;
    }

    /// Whether a server has run with its data in this folder.
    public static boolean hasData(Path dataDir) throws IOException {
        Path versionDir = dataDir.resolve(VERSION_DIR);
        if (!Files.isDirectory(versionDir)) return false;
        try (Stream<Path> files = Files.list(versionDir)) {
            return files.findAny().isPresent();
        }
    }

    /// For `zookeeper.connect`.
    public String connectString() {
        return "127.0.0.1:" + port();
    }

    public int port() {
        lock.lock();
        try {
            return port;
        } finally {
            lock.unlock();
        }
    }

    /// Whether a session was there before this server was started, so that its client cannot be alive unless it is
    /// another process than this one.
    public boolean isFromBeforeStart(long sessionId) {
        return sessionsAtStart.contains(sessionId);
    }

    /// Ends a client's session at once, as if it had been silent for too long.
    void endSession(long sessionId) {
        lock.lock();
        try {
            if (server != null) server.closeSession(sessionId);
        } finally {
            lock.unlock();
        }
    }

    /// Puts the server into the state that a failed write to its log leaves it in.
    void breakDown() {
        lock.lock();
        try {
            if (server != null) server.breakDown();
        } finally {
            lock.unlock();
        }
    }

    /// Stops the server; what it has acknowledged is on disk.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            changed.signalAll();
            snapshotIfDue();
            shutDown();
            folderLock.close();
        } finally {
            lock.unlock();
        }
    }

    private void openOrGiveUp() throws IOException {
        try {
            MemberIdFile.refuseMember(settings.dataDir());
            open();
        } catch (IOException | RuntimeException failure) {
            folderLock.close();
            throw failure;
        }
    }

    private void open() throws IOException {
        Path versionDir = settings.dataDir().resolve(VERSION_DIR);
        Files.createDirectories(versionDir);
        logBytesAtSnapshot = -TransactionLogRepair.repair(versionDir);
        if (TransactionLogRepair.logCount(versionDir) > LOGS_MAX) logBytesAtSnapshot = -SNAPSHOT_AFTER_BYTES;
        // Without any snapshot the logs alone are enough if, and only if, they go back to the first transaction.
        boolean whole = Files.exists(versionDir.resolve("log.1"));
        System.setProperty("zookeeper.snapshot.trust.empty", Boolean.toString(whole));
        FileTxnLog.setPreallocSize(PREALLOCATED_BYTES);
        QuietZooKeeperServer.Connections accepting = new QuietZooKeeperServer.Connections();
        bind(accepting);
        try {
            var folder = settings.dataDir().toFile();
            FileTxnSnapLog opened = new FileTxnSnapLog(folder, folder);
            QuietZooKeeperServer started = new QuietZooKeeperServer(
                    opened, TICK_MS, SESSION_TIMEOUT_MIN_MS, settings.sessionTimeoutMaxMs(), this::onError);
            accepting.startup(started);
            server = started;
            files = opened;
            connections = accepting;
            port = accepting.getLocalPort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            accepting.shutdown();
            throw new IOException("interrupted while starting ZooKeeper", e);
        } catch (IOException e) {
            accepting.shutdown();
            throw new IOException(
                    "The embedded ZooKeeper cannot open its data in " + settings.dataDir() + ": " + e.getMessage(), e);
        }
    }

    private void bind(QuietZooKeeperServer.Connections accepting) throws IOException {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
            accepting.configure(address, CONNECTIONS_PER_ADDRESS_MAX, -1, false);
        } catch (BindException e) {
            throw new IOException(
                    "The embedded ZooKeeper cannot listen on 127.0.0.1:" + port + ": " + e.getMessage()
                            + ". Another process (a broker that still runs?) has the port; choose another one.",
                    e);
        }
    }

    private void onError() {
        Thread.ofVirtual().start(() -> {
            lock.lock();
            try {
                failed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        });
    }

    /// Takes snapshots where they are due, removes old ones, and starts the server again after an error.
    private void keep() {
        lock.lock();
        try {
            while (!closed) {
                if (failed) restart();
                else {
                    var _ = changed.await(KEEP_PERIOD_MS, TimeUnit.MILLISECONDS);
                    if (!closed && !failed) snapshotIfDue();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void restart() throws InterruptedException {
        LOG.error("The embedded ZooKeeper has stopped by an error (is the disk full?); starting it again");
        shutDown();
        while (!closed) {
            var _ = changed.await(RESTART_DELAY_MS, TimeUnit.MILLISECONDS);
            if (closed) return;
            try {
                failed = false;
                open();
                LOG.info("The embedded ZooKeeper runs again");
                return;
            } catch (IOException e) {
                LOG.error("The embedded ZooKeeper cannot start: {}", e.getMessage());
            }
        }
    }

    private void snapshotIfDue() {
        QuietZooKeeperServer running = server;
        FileTxnSnapLog open = files;
        if (running == null || open == null || !running.isRunning()) return;
        try {
            long logBytes = open.getTotalLogSize();
            if (logBytes < logBytesAtSnapshot) logBytesAtSnapshot = logBytes; // The server has taken one itself.
            if (logBytes - logBytesAtSnapshot < SNAPSHOT_AFTER_BYTES) return;
            open.rollLog();
            running.takeSnapshot(true);
            logBytesAtSnapshot = open.getTotalLogSize();
            OldSnapshots.remove(settings.dataDir().resolve(VERSION_DIR), SNAPSHOTS_KEPT);
        } catch (IOException e) {
            LOG.warn("Cannot take or remove a ZooKeeper snapshot in {}: {}", settings.dataDir(), e.getMessage());
        }
    }

    private void shutDown() {
        QuietZooKeeperServer.Connections accepting = connections;
        QuietZooKeeperServer running = server;
        connections = null;
        server = null;
        if (accepting != null) accepting.shutdown();
        if (running != null) running.shutdown(true);
    }
}
