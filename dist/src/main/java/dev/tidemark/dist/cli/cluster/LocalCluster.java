package dev.tidemark.dist.cli.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A cluster of broker processes on this machine, as it is to be: who listens where, and with which settings.
///
/// @param folder where every node has a folder `node-N`
record LocalCluster(Path folder, List<Node> nodes) {
    private static final int REPLICAS = 3;
    private static final int ENSEMBLE_SIZE = 3;
    private static final int ZOOKEEPER_CLIENT_PORT = 22_181;
    private static final int ZOOKEEPER_PEER_PORT = 22_888;
    private static final int ZOOKEEPER_ELECTION_PORT = 23_888;
    private static final int PORT_MAX = 65_535;

    /// @param id from 1 on
    record Node(int id, int port, Path folder, Map<String, String> settings) {
        String address() {
            return "localhost:" + port;
        }

        Path propertiesFile() {
            return folder.resolve("server.properties");
        }

        Path output() {
            return folder.resolve("broker.log");
        }

        /// So that a node can be started by itself: `tidemark start DIR/node-1/server.properties`.
        void writeProperties() throws IOException {
            Files.createDirectories(folder);
            StringBuilder text = new StringBuilder("# Written by `tidemark cluster start` at each start.\n");
            settings.forEach((key, value) -> text.append(key)
                    .append('=')
                    .append(value.replace("\\", "\\\\"))
                    .append('\n'));
            Files.writeString(propertiesFile(), text);
        }
    }

    /// Chooses free ports, from `firstPort` on.
    ///
    /// @param overrides settings of every node, which win over those made here
    static LocalCluster plan(Path folder, int count, int firstPort, Map<String, String> overrides) throws IOException {
        List<Integer> ports = freePorts(firstPort, count);
        String ensemble = ensemble(ensembleSize(count));
        List<Node> nodes = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            Path own = folder.resolve("node-" + id);
            int port = ports.get(id - 1);
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("node.id", Integer.toString(id));
            settings.put("listeners", "PLAINTEXT://localhost:" + port);
            settings.put("log.dirs", own.resolve("logs").toString());
            settings.put("tidemark.zookeeper.data.dir", own.resolve("zookeeper").toString());
            settings.put("tidemark.zookeeper.ensemble", ensemble);
            settings.putAll(replication(count));
            settings.putAll(overrides);
            nodes.add(new Node(id, port, own, settings));
        }
        return new LocalCluster(folder, List.copyOf(nodes));
    }

    /// As in production, as far as there are brokers enough.
    private static Map<String, String> replication(int count) {
        String replicas = Integer.toString(Math.min(REPLICAS, count));
        String inSync = Integer.toString(Math.min(REPLICAS, count) / 2 + 1);
        return Map.of(
                "default.replication.factor", replicas,
                "min.insync.replicas", inSync,
                "offsets.topic.replication.factor", replicas,
                "transaction.state.log.replication.factor", replicas,
                "transaction.state.log.min.isr", inSync);
    }

    static int ensembleSize(int count) {
        return count < ENSEMBLE_SIZE ? 1 : ENSEMBLE_SIZE;
    }

    private static String ensemble(int size) throws IOException {
        List<Integer> clients = freePorts(ZOOKEEPER_CLIENT_PORT, size);
        List<Integer> peers = freePorts(ZOOKEEPER_PEER_PORT, size);
        List<Integer> elections = freePorts(ZOOKEEPER_ELECTION_PORT, size);
        List<String> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            members.add((i + 1) + "@127.0.0.1:" + clients.get(i) + ":" + peers.get(i) + ":" + elections.get(i));
        }
        return String.join(",", members);
    }

    /// The first ports from `first` on that nobody listens at.
    private static List<Integer> freePorts(int first, int count) throws IOException {
        List<Integer> found = new ArrayList<>();
        for (int port = first; port <= PORT_MAX && found.size() < count; port++) if (isFree(port)) found.add(port);
        if (found.size() < count) throw new IOException("there are no " + count + " free ports from " + first + " on");
        return found;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    String bootstrap() {
        return String.join(",", nodes.stream().map(Node::address).toList());
    }
}
