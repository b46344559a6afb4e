package dev.tidemark.coordinator.group;

/// What a group's own dynamic configs (resource type GROUP) say; the broker's value where they are silent.
///
/// @param consumerSessionTimeoutMs `consumer.session.timeout.ms`
/// @param consumerHeartbeatIntervalMs `consumer.heartbeat.interval.ms`
public record GroupSettings(int consumerSessionTimeoutMs, int consumerHeartbeatIntervalMs) {
    public static GroupSettings of(GroupCoordinatorConfig config) {
        return new GroupSettings(
                config.consumer().sessionTimeoutMs(), config.consumer().heartbeatIntervalMs());
    }
}
