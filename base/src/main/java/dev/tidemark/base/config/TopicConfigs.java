package dev.tidemark.base.config;

/// Every topic config of Kafka 4.4, and `flush.before.ack`, which is Tidemark's own.
public final class TopicConfigs {
    public static final ConfigDefinition DEFINITION = ConfigDefinition.of("topic", ConfigTable.read("topic.configs"));

    private TopicConfigs() {}

    /// Refuses values that do not go together.
    ///
    /// @throws ConfigException naming the key to change
    public static void check(ConfigValues values) {
        long least = values.longValue("min.compaction.lag.ms");
        long most = values.longValue("max.compaction.lag.ms");
        if (least > most) {
            throw new ConfigException(
                    "min.compaction.lag.ms", Long.toString(least), "at most max.compaction.lag.ms, which is " + most);
        }
    }
}
