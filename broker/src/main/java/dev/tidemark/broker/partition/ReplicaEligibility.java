package dev.tidemark.broker.partition;

import dev.tidemark.base.Uuid;

/// Tells whether a broker may join a partition's ISR: it is alive in the incarnation that the leader saw fetching, and
/// its replica can work.
public interface ReplicaEligibility {
    /// @param brokerEpoch -1 where the leader does not know it
    boolean mayJoin(Uuid topicId, int partition, int brokerId, long brokerEpoch);
}
