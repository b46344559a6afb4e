package dev.tidemark.broker.core;

import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.broker.replica.FetcherSettings;
import dev.tidemark.coordinator.group.GroupCoordinatorConfig;
import dev.tidemark.coordinator.group.GroupSettings;
import dev.tidemark.coordinator.group.MigrationPolicy;
import dev.tidemark.coordinator.transaction.TransactionConfig;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.image.FeatureRange;
import java.util.Locale;
import java.util.TreeMap;

/// Makes the small config records of the components out of the broker's values.
final class CoreConfigs {
    private static final long MS_PER_MINUTE = 60_000;

    private CoreConfigs() {}

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

    static TransactionConfig transactions(ConfigValues values) {
        return new TransactionConfig(
                values.intValue("transaction.state.log.num.partitions"),
                values.intValue("transaction.max.timeout.ms"),
                values.booleanValue("transaction.two.phase.commit.enable"),
                values.intValue("transactional.id.expiration.ms"),
                values.intValue("transaction.remove.expired.transaction.cleanup.interval.ms"));
    }

    static GroupSettings groupSettings(ConfigValues group) {
        return new GroupSettings(
                group.intValue("consumer.session.timeout.ms"), group.intValue("consumer.heartbeat.interval.ms"));
    }

    static ControllerSettings controller(ConfigValues values) {
        TreeMap<String, FeatureRange> features = new TreeMap<>();
        features.put("group.version", new FeatureRange(0, 1));
        features.put(CoreTransactions.FEATURE, CoreTransactions.VERSIONS);
        return new ControllerSettings(
                values.intValue("num.partitions"),
                values.intValue("default.replication.factor"),
                values.booleanValue("delete.topic.enable"),
                values.booleanValue("unclean.leader.election.enable"),
                ControllerSettings.DEFAULTS.partitionsPerTopicMax(),
                ControllerSettings.DEFAULTS.partitionsPerRequestMax(),
                features,
                values.booleanValue("log.flush.before.ack"),
                new ControllerSettings.Balance(
                        values.booleanValue("auto.leader.rebalance.enable"),
                        values.longValue("leader.imbalance.check.interval.seconds") * 1_000,
                        values.intValue("leader.imbalance.per.broker.percentage")));
    }

    /// `inter.broker.listener.name`; where it is not set, the listener that is named after its security protocol.
    static String innerListener(ConfigValues values) {
        return values.value("inter.broker.listener.name")
                .map(Object::toString)
                .orElseGet(() -> values.stringValue("security.inter.broker.protocol"));
    }

    static FetcherSettings fetcher(ConfigValues values) {
        return new FetcherSettings(
                values.intValue("replica.fetch.wait.max.ms"),
                values.intValue("replica.fetch.min.bytes"),
                values.intValue("replica.fetch.response.max.bytes"),
                values.intValue("replica.fetch.max.bytes"),
                values.intValue("replica.socket.timeout.ms"),
                values.intValue("replica.fetch.backoff.ms"));
    }
}
