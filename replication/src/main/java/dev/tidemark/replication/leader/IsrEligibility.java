package dev.tidemark.replication.leader;

/// Tells whether a broker is alive in the incarnation that a leader saw fetching: only then may it join an ISR.
public interface IsrEligibility {
    /// @param brokerEpoch -1 where the leader does not know it
    boolean mayJoin(int brokerId, long brokerEpoch);
}
