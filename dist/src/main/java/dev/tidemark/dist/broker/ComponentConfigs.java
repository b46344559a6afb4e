package dev.tidemark.dist.broker;

import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.network.ConnectionLimits;
import dev.tidemark.network.Listener;
import dev.tidemark.network.NetworkConfig;
import dev.tidemark.network.PeerConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes the network's small config records out of the broker's values.
final class ComponentConfigs {
    private ComponentConfigs() {}

    static NetworkConfig network(BrokerSettings settings) {
        ConfigValues values = settings.values();
        List<Listener> listeners = settings.listeners().stream()
                .map(listener -> new Listener(listener.name(), listener.host(), listener.port()))
                .toList();
        return NetworkConfig.builder(listeners)
                .requestBytesMax(values.intValue("socket.request.max.bytes"))
                .queuedRequestBytesMax(values.longValue("queued.max.request.bytes"))
                .sendBufferBytes(socketBuffer(settings, "socket.send.buffer.bytes"))
                .receiveBufferBytes(socketBuffer(settings, "socket.receive.buffer.bytes"))
                .backlog(values.intValue("socket.listen.backlog.size"))
                .connectionsMaxIdleMs(values.longValue("connections.max.idle.ms"))
                .limits(connectionLimits(values))
                .build();
    }

    /// Where nobody has set it the system adapts the buffer to the connection, which does better than Kafka's 100 KiB.
    private static int socketBuffer(BrokerSettings settings, String key) {
        return settings.texts().containsKey(key) ? settings.values().intValue(key) : -1;
    }

    static ConnectionLimits connectionLimits(ConfigValues values) {
        return new ConnectionLimits(
                values.intValue("max.connections"),
                values.intValue("max.connections.per.ip"),
                perIpOverrides(values.stringValue("max.connections.per.ip.overrides")),
                Math.max(1, values.intValue("max.connection.creation.rate")));
    }

    private static Map<String, Integer> perIpOverrides(String text) {
        Map<String, Integer> overrides = new HashMap<>();
        for (String entry : text.split(",")) {
            if (entry.isBlank()) continue;
            int colon = entry.lastIndexOf(':');
            try {
                overrides.put(
                        entry.substring(0, Math.max(0, colon)).trim(),
                        Integer.parseInt(entry.substring(colon + 1).trim()));
            } catch (NumberFormatException notANumber) {
                throw new ConfigException("max.connections.per.ip.overrides", entry, "like 127.0.0.1:100,10.0.0.7:5");
            }
        }
        return overrides;
    }

    static PeerConfig peers(BrokerSettings settings) {
        ConfigValues values = settings.values();
        return new PeerConfig(
                (int) Math.min(Integer.MAX_VALUE, values.longValue("socket.connection.setup.timeout.ms")),
                values.intValue("socket.request.max.bytes"),
                PeerConfig.DEFAULTS.memoryBytesMax(),
                socketBuffer(settings, "replica.socket.receive.buffer.bytes"));
    }
}
