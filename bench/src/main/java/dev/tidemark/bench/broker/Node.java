package dev.tidemark.bench.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// One broker to be: its id, the folder that holds everything it writes, its ports on the loopback address, and the
/// broker settings that both products are given.
public record Node(int id, Path folder, int port, int controllerPort, Map<String, String> settings) {
    public static final String HOST = "127.0.0.1";

    public Node {
        settings = Map.copyOf(settings);
    }

    public static Node single(Path folder, Map<String, String> settings) {
        int[] ports = FreePorts.take(2);
        return new Node(1, folder, ports[0], ports[1], settings);
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
