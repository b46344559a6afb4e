package dev.tidemark.dist.broker;

import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.broker.core.CoreSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a broker is started with: the texts of `server.properties` and what they mean for the wiring.
///
/// @param texts every key that was set
/// @param values the same, typed, over the defaults
/// @param nodeId `node.id` or `broker.id`; empty where neither is set
/// @param listeners without those that only a KRaft controller would use
/// @param advertised by listener name, where told
/// @param zooKeeper which ZooKeeper, and whose
record BrokerSettings(
        Map<String, String> texts,
        ConfigValues values,
        Optional<Integer> nodeId,
        List<Path> logDirs,
        List<ListenerAddress> listeners,
        Map<String, ListenerAddress> advertised,
        ZooKeeperChoice zooKeeper) {

    /// @throws ConfigException with a text for the operator
    static BrokerSettings of(Map<String, String> texts) {
        ConfigValues values = CoreSettings.values(texts);
        List<Path> logDirs = CoreSettings.logDirs(values);
        return new BrokerSettings(
                Map.copyOf(texts),
                values,
                nodeId(values),
                logDirs,
                listeners(values),
                advertised(values),
                ZooKeeperChoice.of(values, logDirs.getFirst()));
    }

    /// The log directories and ZooKeeper are not of one cluster; the text is for the operator.
    ///
    /// @param what which cluster each of them is of
    StartException notOfOneCluster(String what, @Nullable Throwable cause) {
        String dirs = logDirs.stream().map(Path::toString).collect(Collectors.joining(", "));
        return new StartException(
                what + " log.dirs: " + dirs + ". ZooKeeper: " + zooKeeper.place()
                        + ". Neither was changed. Check the two settings, and bring back what was lost or moved; to begin"
                        + " a new cluster, choose empty folders for both.",
                cause);
    }

    /// What the broker behind the network needs of it.
    CoreSettings core(int id) {
        return new CoreSettings(id, texts, values, logDirs);
    }

    private static Optional<Integer> nodeId(ConfigValues values) {
        int nodeId = values.intValue("node.id");
        int brokerId = values.intValue("broker.id");
        if (nodeId >= 0 && brokerId >= 0 && nodeId != brokerId) {
            throw new ConfigException(
                    "broker.id", Integer.toString(brokerId), "the same as node.id, which is " + nodeId);
        }
        int id = Math.max(nodeId, brokerId);
        return id < 0 ? Optional.empty() : Optional.of(id);
    }

    private static List<ListenerAddress> listeners(ConfigValues values) {
        Map<String, String> protocols = securityProtocols(values);
        List<String> controllers = values.value("controller.listener.names").isPresent()
                ? values.listValue("controller.listener.names")
                : List.of();
        List<ListenerAddress> served = new ArrayList<>();
        for (ListenerAddress listener : ListenerAddress.parseAll("listeners", values.listValue("listeners"))) {
            if (controllers.stream().anyMatch(name -> name.equalsIgnoreCase(listener.name()))) continue;
            String protocol = protocols.get(listener.name());
            if (protocol == null) {
                throw new ConfigException(
                        "listeners", listener.name(), "a name that listener.security.protocol.map gives a protocol");
            }
            if (!protocol.equals("PLAINTEXT")) {
                throw new ConfigException(
                        "listeners",
                        listener.name() + " (" + protocol + ")",
                        "a listener with the protocol PLAINTEXT: TLS and SASL are not there yet");
            }
            served.add(listener);
        }
        if (served.isEmpty()) throw new ConfigException("listeners", "", "at least one listener for clients");
        return served;
    }

    private static Map<String, String> securityProtocols(ConfigValues values) {
        Map<String, String> protocols = new HashMap<>();
        for (String entry : values.stringValue("listener.security.protocol.map").split(",")) {
            String[] parts = entry.trim().split(":");
            if (parts.length != 2) {
                throw new ConfigException("listener.security.protocol.map", entry, "like NAME:PLAINTEXT,OTHER:SSL");
            }
            protocols.put(parts[0].toUpperCase(Locale.ROOT), parts[1].toUpperCase(Locale.ROOT));
        }
        return protocols;
    }

    private static Map<String, ListenerAddress> advertised(ConfigValues values) {
        Map<String, ListenerAddress> advertised = new LinkedHashMap<>();
        if (values.value("advertised.listeners").isEmpty()) return advertised;
        for (ListenerAddress address :
                ListenerAddress.parseAll("advertised.listeners", values.listValue("advertised.listeners"))) {
            if (address.isEveryAddress()) {
                throw new ConfigException(
                        "advertised.listeners",
                        address.name() + "://" + address.host() + ":" + address.port(),
                        "with a host that clients can reach");
            }
            advertised.put(address.name(), address);
        }
        return advertised;
    }
}
