package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.FeatureRange;
import java.util.SortedMap;
import java.util.TreeMap;

/// The controller's own configuration.
///
/// @param defaultPartitions `num.partitions`
/// @param defaultReplicationFactor `default.replication.factor`
/// @param deleteTopicEnable `delete.topic.enable`
/// @param uncleanLeaderElectionEnable `unclean.leader.election.enable`, for topics that do not set it
/// @param partitionsPerTopicMax more are refused: a topic's assignment is one znode, and ZooKeeper takes about 1 MB
/// @param partitionsPerRequestMax more in one request are refused as against policy
/// @param finalizedFeatures what a new cluster starts with
/// @param flushBeforeAck `log.flush.before.ack`, for topics that do not set it: the same on all brokers
/// @param balance how leaderships come back to the preferred replicas
public record ControllerSettings(
        int defaultPartitions,
        int defaultReplicationFactor,
        boolean deleteTopicEnable,
        boolean uncleanLeaderElectionEnable,
        int partitionsPerTopicMax,
        int partitionsPerRequestMax,
        SortedMap<String, FeatureRange> finalizedFeatures,
        boolean flushBeforeAck,
        Balance balance) {

    /// @param enabled `auto.leader.rebalance.enable`
    /// @param checkIntervalMs `leader.imbalance.check.interval.seconds`, in milliseconds
    /// @param imbalancePercentage `leader.imbalance.per.broker.percentage`
    public record Balance(boolean enabled, long checkIntervalMs, int imbalancePercentage) {
        public static final Balance DEFAULT = new Balance(true, 300_000, 10);
    }

    public static final ControllerSettings DEFAULTS =
            new ControllerSettings(1, 1, true, false, 40_000, 100_000, new TreeMap<>(), false, Balance.DEFAULT);

    public ControllerSettings withDefaults(int partitions, int replicationFactor) {
        return new ControllerSettings(
                partitions,
                replicationFactor,
                deleteTopicEnable,
                uncleanLeaderElectionEnable,
                partitionsPerTopicMax,
                partitionsPerRequestMax,
                finalizedFeatures,
                flushBeforeAck,
                balance);
    }

    public ControllerSettings withFlushBeforeAck(boolean value) {
        return new ControllerSettings(
                defaultPartitions,
                defaultReplicationFactor,
                deleteTopicEnable,
                uncleanLeaderElectionEnable,
                partitionsPerTopicMax,
                partitionsPerRequestMax,
                finalizedFeatures,
                value,
                balance);
    }
}
