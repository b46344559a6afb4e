package dev.tidemark.broker.partition;

import java.util.function.BooleanSupplier;

/// What the partitions of one broker need to replicate.
///
/// @param eligibility whether a broker may join an ISR
/// @param lagTimeMaxMs `replica.lag.time.max.ms`
/// @param tellsProgress whether readers on other threads want to know how far followers are
/// @param replicas hears when a follower's log is cut or its start moves
/// @param isFenced whether others may lead what this broker leads: then clients are refused. Any thread
/// @param isrNews tells the log of changed ISRs
public record Replication(
        int nodeId,
        IsrChanges isrChanges,
        ReplicaEligibility eligibility,
        long lagTimeMaxMs,
        boolean tellsProgress,
        ReplicaListener replicas,
        LaggingPartitions lagging,
        BooleanSupplier isFenced,
        IsrNews isrNews) {}
