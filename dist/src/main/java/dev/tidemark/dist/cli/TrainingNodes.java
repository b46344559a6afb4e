package dev.tidemark.dist.cli;

import dev.tidemark.client.BrokerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeMap;

/// The brokers that run in the training's process: one alone, with a ZooKeeper of its own, and a cluster of three that
/// host an ensemble. A broker's start loads very different classes in each.
final class TrainingNodes {
    private static final int CLUSTER = 3;

    /// Its listener's, and three of its member of the ensemble.
    private static final int PORTS_OF_NODE = 4;

    private final Path folder;
    private final BrokerStarter starter;

    TrainingNodes(Path folder, BrokerStarter starter) {
        this.folder = folder;
        this.starter = starter;
    }

    /// Begins to start a broker alone; its address.
    BrokerAddress startAlone() throws IOException {
        BrokerAddress address = loopback(freePorts(1).getFirst());
        start(address, "alone", Map.of());
        return address;
    }

    /// Begins to start three brokers; the address of each.
    List<BrokerAddress> startCluster() throws IOException {
        Iterator<Integer> ports = freePorts(CLUSTER * PORTS_OF_NODE).iterator();
        StringJoiner ensemble = new StringJoiner(",");
        for (int id = 1; id <= CLUSTER; id++)
            ensemble.add(id + "@127.0.0.1:" + ports.next() + ":" + ports.next() + ":" + ports.next());
        List<BrokerAddress> addresses = new ArrayList<>();
        for (int id = 1; id <= CLUSTER; id++) {
            BrokerAddress address = loopback(ports.next());
            addresses.add(address);
            start(
                    address,
                    "node-" + id,
                    Map.of("broker.id", String.valueOf(id), "tidemark.zookeeper.ensemble", ensemble.toString()));
        }
        return addresses;
    }

    /// By a file, as brokers mostly are.
    private void start(BrokerAddress address, String name, Map<String, String> own) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        Map<String, String> settings = new TreeMap<>(own);
        settings.put("listeners", "PLAINTEXT://" + address);
        settings.put("advertised.listeners", "PLAINTEXT://" + address);
        settings.put("log.dirs", data.resolve("logs").toString());
        settings.put("tidemark.zookeeper.data.dir", data.resolve("zookeeper").toString());
        List<String> lines = new ArrayList<>();
        settings.forEach((key, value) -> lines.add(key + "=" + value));
        Path file = Files.write(data.resolve("server.properties"), lines);
        BrokerStart start = Objects.requireNonNull(Start.simple(new String[] {"start", file.toString()}));
        Thread.ofPlatform().daemon().name("tidemark-broker").start(() -> starter.run(start));
    }

    private static BrokerAddress loopback(int port) {
        return new BrokerAddress("127.0.0.1", port);
    }

    /// All are held at once before they are let go, so that they differ.
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) socket.close();
        }
    }
}
