package dev.tidemark.broker.partition;

import dev.tidemark.replication.leader.IsrEligibility;

/// What the partitions of one broker need to replicate.
///
/// @param eligibility whether a broker is alive, in the incarnation that a leader saw
/// @param lagTimeMaxMs `replica.lag.time.max.ms`
/// @param tellsProgress whether readers on other threads want to know how far followers are
/// @param replicas hears when a follower's log is cut or its start moves
public record Replication(
        int nodeId,
        IsrChanges isrChanges,
        IsrEligibility eligibility,
        long lagTimeMaxMs,
        boolean tellsProgress,
        ReplicaListener replicas,
        LaggingPartitions lagging) {}
