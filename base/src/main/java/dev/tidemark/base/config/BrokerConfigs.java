package dev.tidemark.base.config;

import java.util.ArrayList;
import java.util.List;

/// Every broker config of Kafka 4.4, and those of ZooKeeper-mode Kafka 3.x.
public final class BrokerConfigs {
    private static final List<String> TABLES = List.of(
            "broker-server.configs",
            "broker-log.configs",
            "broker-groups.configs",
            "broker-replication.configs",
            "broker-security.configs",
            "broker-zookeeper.configs",
            "broker-kraft.configs",
            "broker-later.configs");

    public static final ConfigDefinition DEFINITION = ConfigDefinition.of("broker", read());

    private BrokerConfigs() {}

    private static List<ConfigKey> read() {
        List<ConfigKey> keys = new ArrayList<>();
        for (String table : TABLES) keys.addAll(ConfigTable.read(table));
        return keys;
    }

    /// Refuses values that do not go together.
    ///
    /// @throws ConfigException naming the key to change
    public static void check(ConfigValues values) {
        for (String name : List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours")) {
            Object zero = values.value(name).orElse(-1);
            if (((Number) zero).longValue() == 0) {
                throw new ConfigException(name, "0", "at least 1, or -1 for no limit");
            }
        }
        atMost(values, "log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms");
        atMost(values, "group.min.session.timeout.ms", "group.max.session.timeout.ms");
        for (String kind : List.of("group.consumer.", "group.share.", "group.streams.")) {
            for (String what : List.of("session.timeout.ms", "heartbeat.interval.ms", "assignment.interval.ms")) {
                atMost(values, kind + "min." + what, kind + what);
                atMost(values, kind + what, kind + "max." + what);
            }
            below(values, kind + "heartbeat.interval.ms", kind + "session.timeout.ms");
        }
        if (!values.listValue("group.coordinator.rebalance.protocols").contains("classic")) {
            throw new ConfigException(
                    "group.coordinator.rebalance.protocols",
                    String.join(",", values.listValue("group.coordinator.rebalance.protocols")),
                    "a list with classic in it: it cannot be done without");
        }
        atMost(values, "replica.fetch.wait.max.ms", "replica.lag.time.max.ms");
        if (values.longValue("queued.max.request.bytes") > 0) {
            atMost(values, "socket.request.max.bytes", "queued.max.request.bytes");
        }
    }

    private static void atMost(ConfigValues values, String lesser, String greater) {
        long limit = values.longValue(greater);
        long value = values.longValue(lesser);
        if (value > limit) {
            throw new ConfigException(lesser, Long.toString(value), "at most " + greater + ", which is " + limit);
        }
    }

    private static void below(ConfigValues values, String lesser, String greater) {
        long limit = values.longValue(greater);
        long value = values.longValue(lesser);
        if (value >= limit) {
            throw new ConfigException(lesser, Long.toString(value), "less than " + greater + ", which is " + limit);
        }
    }
}
