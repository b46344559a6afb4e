package dev.tidemark.bench.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/// One broker to be: its id, the folder that holds everything it writes, its ports on the loopback address, and the
/// broker settings that both products are given.
///
/// @param controllerPort for the control plane: Kafka's controllers, or clients of Tidemark's ZooKeeper
/// @param peerPort for the members of a ZooKeeper ensemble among each other, as is `electionPort`
public record Node(
        int id,
        Path folder,
        int port,
        int controllerPort,
        int peerPort,
        int electionPort,
        Map<String, String> settings) {
    private static final int PORTS = 4;
    public static final String HOST = "127.0.0.1";

    public Node {
        settings = Map.copyOf(settings);
    }

    public static Node single(Path folder, Map<String, String> settings) {
        return cluster(folder, 1, _ -> settings).getFirst().in(folder);
    }

    /// Nodes with the ids from 1 on, each with a folder of its own in `folder`.
    public static List<Node> cluster(Path folder, int count, IntFunction<Map<String, String>> settings) {
        int[] ports = FreePorts.take(PORTS * count);
        List<Node> nodes = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            int first = PORTS * (id - 1);
            nodes.add(new Node(
                    id,
                    folder.resolve("node-" + id),
                    ports[first],
                    ports[first + 1],
                    ports[first + 2],
                    ports[first + 3],
                    settings.apply(id)));
        }
        return nodes;
    }

    private Node in(Path ownFolder) {
        return new Node(id, ownFolder, port, controllerPort, peerPort, electionPort, settings);
    }

    public String bootstrap() {
        return HOST + ":" + port;
    }

    public Path data() {
        return folder.resolve("data");
    }

    public Path properties() {
        return folder.resolve("server.properties");
    }

    /// What the process printed, from all of its starts.
    public Path output() {
        return folder.resolve("broker.out");
    }

    /// The settings of a `server.properties` with `own` laid over those of the node, sorted.
    String propertiesText(Map<String, String> own) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putAll(own);
        StringBuilder text = new StringBuilder();
        all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }
}
