package dev.tidemark.dist.broker;

import dev.tidemark.base.config.ConfigException;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.coordinator.group.GroupCoordinatorConfig;
import dev.tidemark.coordinator.group.GroupSettings;
import dev.tidemark.coordinator.group.MigrationPolicy;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.network.ConnectionLimits;
import dev.tidemark.network.Listener;
import dev.tidemark.network.NetworkConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Makes the small config records of the components out of the broker's values.
final class ComponentConfigs {
    private static final long MS_PER_MINUTE = 60_000;

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

    static GroupCoordinatorConfig groups(ConfigValues values) {
        return new GroupCoordinatorConfig(
                values.intValue("offsets.topic.num.partitions"),
                values.intValue("offset.metadata.max.bytes"),
                values.longValue("offsets.retention.minutes") * MS_PER_MINUTE,
                values.longValue("offsets.retention.check.interval.ms"),
                values.intValue("offsets.commit.timeout.ms"),
                new GroupCoordinatorConfig.Classic(
                        values.intValue("group.max.size"),
                        values.intValue("group.initial.rebalance.delay.ms"),
                        values.intValue("group.min.session.timeout.ms"),
                        values.intValue("group.max.session.timeout.ms")),
                new GroupCoordinatorConfig.Consumer(
                        values.intValue("group.consumer.max.size"),
                        values.intValue("group.consumer.session.timeout.ms"),
                        values.intValue("group.consumer.heartbeat.interval.ms"),
                        values.listValue("group.consumer.assignors"),
                        MigrationPolicy.valueOf(values.stringValue("group.consumer.migration.policy")
                                .toUpperCase(Locale.ROOT)),
                        values.intValue("group.consumer.regex.refresh.interval.ms")));
    }

    static GroupSettings groupSettings(ConfigValues group) {
        return new GroupSettings(
                group.intValue("consumer.session.timeout.ms"), group.intValue("consumer.heartbeat.interval.ms"));
    }

    static ControllerSettings controller(ConfigValues values) {
        TreeMap<String, FeatureRange> features = new TreeMap<>();
        features.put("group.version", new FeatureRange(0, 1));
        return new ControllerSettings(
                values.intValue("num.partitions"),
                values.intValue("default.replication.factor"),
                values.booleanValue("delete.topic.enable"),
                values.booleanValue("unclean.leader.election.enable"),
                ControllerSettings.DEFAULTS.partitionsPerTopicMax(),
                ControllerSettings.DEFAULTS.partitionsPerRequestMax(),
                features);
    }
}
