package dev.tidemark.zookeeper;

import java.io.File;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.jspecify.annotations.Nullable;

/// A ZooKeeper server that registers nothing with JMX (whose first use costs more time than all the rest of the start)
/// and says when it gives up.
final class QuietZooKeeperServer extends ZooKeeperServer {
    private final Runnable onError;

    /// @param onError is run, on one of the server's threads, when an error such as a full disk has stopped it
    QuietZooKeeperServer(
            FileTxnSnapLog files, int tickMs, int sessionTimeoutMinMs, int sessionTimeoutMaxMs, Runnable onError) {
        super(files, tickMs, sessionTimeoutMinMs, sessionTimeoutMaxMs, -1, new Database(files), "");
        this.onError = onError;
    }

    /// Asked for at each start, before the first connection: a start need not wait for it, see [EmbeddedZooKeeper].
    @Override
    public @Nullable File takeSnapshot() {
        return null;
    }

    /// Keeps no recent transactions in memory for other members of an ensemble.
    private static final class Database extends ZKDatabase {
        Database(FileTxnSnapLog files) {
            super(files);
        }

        @Override
        public void addCommittedProposal(Request request) {}
    }

    /// Its connections.
    static final class Connections extends NIOServerCnxnFactory {
        @Override
        public void registerConnection(ServerCnxn connection) {}

        @Override
        public void unregisterConnection(ServerCnxn connection) {}
    }

    @Override
    protected void registerJMX() {}

    @Override
    protected void unregisterJMX() {}

    @Override
    protected void registerMetrics() {}

    @Override
    protected void unregisterMetrics() {}

    @Override
    protected void setState(State state) {
        super.setState(state);
        if (state == State.ERROR) onError.run();
    }

    void breakDown() {
        setState(State.ERROR);
    }
}
