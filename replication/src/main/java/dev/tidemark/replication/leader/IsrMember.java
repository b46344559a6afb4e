package dev.tidemark.replication.leader;

/// @param brokerEpoch the incarnation of the broker that the leader saw fetching, -1 where it does not know
public record IsrMember(int brokerId, long brokerEpoch) {}
