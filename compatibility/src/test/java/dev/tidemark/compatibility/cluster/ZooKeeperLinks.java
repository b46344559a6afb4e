package dev.tidemark.compatibility.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/// The ways between brokers and an outside ensemble, each through a proxy of this process: every broker is given other
/// ports for the same servers. Brokers reach each other, and clients them, by other ways.
///
/// Owner: the test's thread; a virtual thread accepts at each proxy.
final class ZooKeeperLinks implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final ZooKeeperServers servers;
    private final Ways<Integer> ways = new Ways<>();
    private final List<ServerSocket> listening = new ArrayList<>();

    ZooKeeperLinks(ZooKeeperServers servers) {
        this.servers = servers;
    }

    /// `zookeeper.connect` of the broker.
    String connect(int brokerId) throws IOException {
        StringJoiner hosts = new StringJoiner(",");
        for (ZooKeeperServers.Server server : servers.servers()) {
            ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listening.add(proxy);
            Thread.ofVirtual().start(() -> accept(proxy, brokerId, server.clientPort()));
            hosts.add("127.0.0.1:" + proxy.getLocalPort());
        }
        return hosts.toString();
    }

    private void accept(ServerSocket proxy, int brokerId, int port) {
        while (true) {
            try {
                Socket accepted = proxy.accept();
                Thread.ofVirtual()
                        .start(() -> ways.link(
                                accepted, NOTHING, brokerId, () -> new Socket(InetAddress.getLoopbackAddress(), port)));
            } catch (IOException closing) {
                return;
            }
        }
    }

    /// The broker hears nothing from ZooKeeper, nor ZooKeeper from it; sockets stay open.
    void hold(int brokerId) {
        ways.hold(brokerId);
    }

    /// The same, and what was open ends.
    void cut(int brokerId) throws IOException {
        ways.hold(brokerId);
        reset(brokerId);
    }

    /// The broker's connections end at once; it may make new ones.
    void reset(int brokerId) throws IOException {
        ways.reset(way -> way == brokerId);
    }

    /// All ways lead on; what waited arrives late.
    void heal() {
        ways.heal();
    }

    @Override
    public void close() {
        ways.close();
        listening.forEach(Ways::closeQuietly);
    }
}
