package dev.tidemark.base.config;

/// Every config of a group (KIP-848 and what came after) in Kafka 4.4.
public final class GroupConfigs {
    public static final ConfigDefinition DEFINITION = ConfigDefinition.of("group", ConfigTable.read("group.configs"));

    private GroupConfigs() {}

    /// Refuses values outside of what the broker allows groups.
    ///
    /// @throws ConfigException naming the key to change
    public static void check(ConfigValues group, ConfigValues broker) {
        for (String kind : new String[] {"consumer.", "share.", "streams."}) {
            within(group, broker, kind, "session.timeout.ms");
            within(group, broker, kind, "heartbeat.interval.ms");
            within(group, broker, kind, "assignment.interval.ms");
            long session = group.longValue(kind + "session.timeout.ms");
            long heartbeat = group.longValue(kind + "heartbeat.interval.ms");
            if (heartbeat >= session) {
                String key = kind + "heartbeat.interval.ms";
                throw new ConfigException(
                        key, Long.toString(heartbeat), "less than " + kind + "session.timeout.ms, which is " + session);
            }
        }
    }

    private static void within(ConfigValues group, ConfigValues broker, String kind, String what) {
        long value = group.longValue(kind + what);
        long least = broker.longValue("group." + kind + "min." + what);
        long most = broker.longValue("group." + kind + "max." + what);
        if (value < least || value > most) {
            throw new ConfigException(
                    kind + what,
                    Long.toString(value),
                    "from " + least + " to " + most + " (group." + kind + "min." + what + " and max)");
        }
    }
}
