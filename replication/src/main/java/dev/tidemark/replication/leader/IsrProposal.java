package dev.tidemark.replication.leader;

import java.util.List;

/// Another ISR that a leader asks the controller for (AlterPartition, KIP-497).
///
/// @param partitionEpoch the state that it is to replace: a compare-and-set
/// @param newIsr the leader first, then the others in the order of the replicas
public record IsrProposal(int leaderEpoch, int partitionEpoch, List<IsrMember> newIsr) {}
