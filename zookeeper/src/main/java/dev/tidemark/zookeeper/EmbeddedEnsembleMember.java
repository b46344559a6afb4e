package dev.tidemark.zookeeper;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One member of an ensemble inside this process: brokers that each host one need no ZooKeeper beside them, and lose
/// none while most of them run.
///
/// As with [EmbeddedZooKeeper] there is no JMX of its own, no admin server and no four-letter word, a transaction is on
/// disk before it is acknowledged, and what a killed process left half written is cut at the start. What this member
/// then lacks it gets from the others. The loss of the others does not stop the process; a member that has ended by an
/// error is started again every second until it stays.
///
/// Owner: its lock. Life cycle: [#start], [#close]; a virtual thread of its own removes old snapshots and restarts.
public final class EmbeddedEnsembleMember implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedEnsembleMember.class);
    private static final int CONNECTIONS_PER_ADDRESS_MAX = 200;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final long PREALLOCATED_BYTES = 1 << 20;
    private static final long RESTART_DELAY_MS = 1_000;
    private static final long KEEP_PERIOD_MS = 15_000;
    private static final long STOP_MS_MAX = 3_000;

    static {
        ServerProperties.setForEnsemble();
    }

    private final EnsembleMemberSettings settings;
    private final DataFolderLock folderLock;
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private volatile @Nullable QuietQuorumPeer peer;
    private boolean closed;

    private EmbeddedEnsembleMember(EnsembleMemberSettings settings, DataFolderLock folderLock) {
        this.settings = settings;
        this.folderLock = folderLock;
    }

    /// Starts the member, which then looks for the others; see [#serving]. Blocks for the reading of its data.
    ///
    /// @throws IOException saying what is wrong, and with which folder or port
    public static EmbeddedEnsembleMember start(EnsembleMemberSettings settings) throws IOException {
        EmbeddedEnsembleMember member =
                new EmbeddedEnsembleMember(settings, DataFolderLock.acquire(settings.dataDir()));
        member.lock.lock();
        try {
            MemberIdFile.claim(settings.dataDir(), settings.memberId());
            member.open();
        } catch (IOException | RuntimeException failure) {
            member.folderLock.close();
            throw failure;
        } finally {
            member.lock.unlock();
        }
        Thread.ofVirtual().name("zookeeper-keeper").start(member::keep);
        return member;
    }

    /// Completes when this member has first joined a quorum and takes clients.
    public CompletableFuture<Void> serving() {
        return serving.copy();
    }

    /// Whether this member leads the ensemble. From any thread.
    public boolean isLeading() {
        QuietQuorumPeer running = peer;
        return running != null && running.getPeerState() == QuorumPeer.ServerState.LEADING;
    }

    /// Where clients of this member connect to.
    public String clientAddress() {
        return settings.self().clientAddress();
    }

    private void open() throws IOException {
        Path versionDir = settings.dataDir().resolve("version-2");
        Files.createDirectories(versionDir);
        TransactionLogRepair.repair(versionDir);
        FileTxnLog.setPreallocSize(PREALLOCATED_BYTES);
        Ensemble.Member self = settings.self();
        checkFree(self, self.peerPort());
        checkFree(self, self.electionPort());
        QuietZooKeeperServer.Connections accepting = new QuietZooKeeperServer.Connections();
        try {
            InetSocketAddress address = new InetSocketAddress(self.host(), self.clientPort());
            accepting.configure(address, CONNECTIONS_PER_ADDRESS_MAX, -1, false);
        } catch (IOException e) {
            throw cannotListen(self, self.clientPort(), e);
        }
        QuietQuorumPeer opened = new QuietQuorumPeer(settings, accepting, () -> serving.complete(null));
        try {
            opened.start();
        } catch (RuntimeException e) {
            opened.shutdown();
            accepting.shutdown();
            throw new IOException(
                    "The embedded ZooKeeper cannot open its data in " + settings.dataDir() + ": "
                            + rootCause(e).getMessage()
                            + ". If the other members are sound, remove the folder 'version-2' in it: they give this one a copy.",
                    e);
        }
        peer = opened;
    }

    private static Throwable rootCause(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) cause = next;
        return cause;
    }

    /// ZooKeeper opens these ports later, on threads of its own, and only logs that it could not.
    private static void checkFree(Ensemble.Member self, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(self.host(), port));
        } catch (IOException e) {
            throw cannotListen(self, port, e);
        }
    }

    private static IOException cannotListen(Ensemble.Member self, int port, IOException cause) {
        String advice = cause instanceof BindException
                ? ". Another process (a broker that still runs?) has the port, or the host is not this machine;"
                        + " see tidemark.zookeeper.ensemble."
                : "";
        return new IOException(
                "The ZooKeeper member " + self + " cannot listen on " + self.host() + ":" + port + ": "
                        + cause.getMessage() + advice,
                cause);
    }

    /// Removes old snapshots, and starts the member again where it has ended.
    private void keep() {
        lock.lock();
        try {
            while (!closed) {
                QuietQuorumPeer running = peer;
                boolean ended = running == null || !running.isAlive();
                var _ = closing.await(ended ? RESTART_DELAY_MS : KEEP_PERIOD_MS, TimeUnit.MILLISECONDS);
                if (closed) return;
                if (ended) restart();
                else OldSnapshots.remove(settings.dataDir().resolve("version-2"), SNAPSHOTS_KEPT);
            }
        } catch (IOException e) {
            LOG.warn("Cannot remove old ZooKeeper snapshots in {}: {}", settings.dataDir(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void restart() throws InterruptedException {
        LOG.error("The ZooKeeper member {} has ended by an error; starting it again", settings.self());
        shutDown();
        try {
            open();
        } catch (IOException e) {
            LOG.error("The ZooKeeper member cannot start: {}", e.getMessage());
        }
    }

    private void shutDown() throws InterruptedException {
        QuietQuorumPeer running = peer;
        peer = null;
        if (running == null) return;
        running.shutdown();
        running.join(STOP_MS_MAX);
    }

    /// Ends this member; what it has acknowledged is on disk.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            closing.signalAll();
            shutDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            folderLock.close();
            lock.unlock();
        }
    }
}
