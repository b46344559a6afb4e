package dev.tidemark.zookeeper;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.client.HostProvider;

/// In which order a client tries the servers: always the same, from the first one on after every loss. The first is the
/// broker's own member, where it has one, so that a broker does not lose its connection because another died.
///
/// ZooKeeper's client waits up to a second, at random, before each attempt to connect again: the greater part
/// of a failover. Here the waits are short while members that have lost their leader may find another one, and
/// then grow with every round; the client's own is cut short by an interrupt, which it takes for the end of that
/// wait and for nothing else.
///
/// Owner: the client's one sending thread.
final class NearestFirst implements HostProvider {
    private static final long FIRST_WAIT_MS = 20;
    private static final int SHORT_ROUNDS = 50;
    private static final long WAIT_MS_MAX = 500;

    private final List<InetSocketAddress> servers;
    private int next;
    private int rounds;
    private boolean wasConnected;

    /// @param hosts `host:port,host:port`
    /// @param shuffled whether the order is by chance, rather than as given
    NearestFirst(String hosts, boolean shuffled) {
        List<InetSocketAddress> order = ConnectString.addresses(hosts);
        if (shuffled) Collections.shuffle(order);
        this.servers = List.copyOf(order);
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public InetSocketAddress next(long ignoredSpinMs) {
        if (next == servers.size()) {
            next = 0;
            rounds++;
        }
        boolean interrupted = Thread.interrupted();
        if (next == 0 && rounds > 0) interrupted |= pause(waitMs(rounds));
        InetSocketAddress server = servers.get(next++);
        InetSocketAddress resolved = new InetSocketAddress(server.getHostString(), server.getPort());
        // Before the first connection the client does not wait, and an interrupt would close its socket.
        if (wasConnected || interrupted) Thread.currentThread().interrupt();
        return resolved;
    }

    /// Before this round of attempts, counted from 1 after the loss.
    static long waitMs(int round) {
        int doublings = Math.clamp(round - SHORT_ROUNDS, 0, 10);
        return Math.min(FIRST_WAIT_MS << doublings, WAIT_MS_MAX);
    }

    private static boolean pause(long ms) {
        try {
            Thread.sleep(ms);
            return false;
        } catch (InterruptedException stopping) {
            return true;
        }
    }

    @Override
    public void onConnected() {
        wasConnected = true;
        next = 0;
        rounds = 0;
    }

    @Override
    public boolean updateServerList(Collection<InetSocketAddress> changed, InetSocketAddress current) {
        return false;
    }
}
