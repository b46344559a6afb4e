package dev.tidemark.replication.leader;

/// What a leader knows of one follower, as a value for readers on other threads.
///
/// @param endOffset -1 before the follower fetched in this epoch
/// @param logStartOffset -1 before
/// @param inSync a member of the ISR that the controller knows
public record ReplicaProgress(int brokerId, long endOffset, long logStartOffset, boolean inSync) {}
