package dev.tidemark.coordinator.group;

import java.util.List;

/// The broker's settings of groups, each under Kafka's name in words. Durations in milliseconds.
///
/// @param offsetsTopicPartitions `offsets.topic.num.partitions`: used until the topic exists
/// @param offsetMetadataBytesMax `offset.metadata.max.bytes`
/// @param offsetsRetentionMs `offsets.retention.minutes`
/// @param offsetsRetentionCheckIntervalMs `offsets.retention.check.interval.ms`
/// @param offsetCommitTimeoutMs `offsets.commit.timeout.ms`
/// @param classic groups of the classic protocol
/// @param consumer groups of the consumer protocol (KIP-848)
public record GroupCoordinatorConfig(
        int offsetsTopicPartitions,
        int offsetMetadataBytesMax,
        long offsetsRetentionMs,
        long offsetsRetentionCheckIntervalMs,
        int offsetCommitTimeoutMs,
        Classic classic,
        Consumer consumer) {

    /// @param groupSizeMax `group.max.size`
    /// @param initialRebalanceDelayMs `group.initial.rebalance.delay.ms`
    /// @param sessionTimeoutMinMs `group.min.session.timeout.ms`
    /// @param sessionTimeoutMaxMs `group.max.session.timeout.ms`
    public record Classic(
            int groupSizeMax, int initialRebalanceDelayMs, int sessionTimeoutMinMs, int sessionTimeoutMaxMs) {
        public static Classic defaults() {
            return new Classic(Integer.MAX_VALUE, 3_000, 6_000, 1_800_000);
        }
    }

    /// @param groupSizeMax `group.consumer.max.size`
    /// @param sessionTimeoutMs `group.consumer.session.timeout.ms`
    /// @param heartbeatIntervalMs `group.consumer.heartbeat.interval.ms`
    /// @param assignors `group.consumer.assignors`: names, the first is the default
    /// @param migrationPolicy `group.consumer.migration.policy`
    /// @param regexRefreshIntervalMs `group.consumer.regex.refresh.interval.ms`
    public record Consumer(
            int groupSizeMax,
            int sessionTimeoutMs,
            int heartbeatIntervalMs,
            List<String> assignors,
            MigrationPolicy migrationPolicy,
            int regexRefreshIntervalMs) {
        public static Consumer defaults() {
            return new Consumer(
                    Integer.MAX_VALUE,
                    45_000,
                    5_000,
                    List.of("uniform", "range"),
                    MigrationPolicy.BIDIRECTIONAL,
                    600_000);
        }
    }

    public static GroupCoordinatorConfig defaults() {
        return new GroupCoordinatorConfig(
                50, 4096, 7L * 24 * 60 * 60 * 1000, 600_000, 5_000, Classic.defaults(), Consumer.defaults());
    }
}
