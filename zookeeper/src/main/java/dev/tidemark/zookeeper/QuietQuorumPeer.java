package dev.tidemark.zookeeper;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.flexible.QuorumMaj;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A member of an ensemble that says when it begins to serve clients.
final class QuietQuorumPeer extends QuorumPeer {
    private static final Logger LOG = LoggerFactory.getLogger(QuietQuorumPeer.class);
    private static final int ELECTION_ALGORITHM = 3; // The only one that ZooKeeper still has.

    private final Runnable onServing;

    /// @param onServing is run, on one of the member's threads, each time that it has joined a quorum
    QuietQuorumPeer(EnsembleMemberSettings settings, ServerCnxnFactory connections, Runnable onServing)
            throws IOException {
        this.onServing = onServing;
        var folder = settings.dataDir().toFile();
        FileTxnSnapLog files = new FileTxnSnapLog(folder, folder);
        setTxnFactory(files);
        setElectionType(ELECTION_ALGORITHM);
        setMyid(settings.memberId());
        setTickTime(settings.tickMs());
        setMinSessionTimeout(2 * settings.tickMs());
        setMaxSessionTimeout(settings.sessionTimeoutMaxMs());
        setInitLimit(settings.initLimit());
        setSyncLimit(settings.syncLimit());
        setZKDatabase(new ZKDatabase(files));
        setQuorumVerifier(new QuorumMaj(servers(settings.ensemble())), false);
        initConfigInZKDatabase();
        setCnxnFactory(connections);
        initialize();
    }

    private static Map<Long, QuorumServer> servers(Ensemble ensemble) {
        Map<Long, QuorumServer> servers = new HashMap<>();
        for (Ensemble.Member member : ensemble.members().values()) {
            servers.put(
                    (long) member.id(),
                    new QuorumServer(
                            member.id(),
                            new InetSocketAddress(member.host(), member.peerPort()),
                            new InetSocketAddress(member.host(), member.electionPort()),
                            new InetSocketAddress(member.host(), member.clientPort()),
                            LearnerType.PARTICIPANT));
        }
        return servers;
    }

    @Override
    public synchronized void setPeerState(ServerState state) {
        if (state != getPeerState()) LOG.info("ZooKeeper member {} is {}", getMyId(), word(state));
        super.setPeerState(state);
    }

    private static String word(ServerState state) {
        return switch (state) {
            case LOOKING -> "looking for a leader";
            case FOLLOWING -> "following";
            case LEADING -> "leading";
            case OBSERVING -> "observing";
        };
    }

    @Override
    public void setZabState(ZabState state) {
        super.setZabState(state);
        if (state == ZabState.BROADCAST) onServing.run();
    }
}
