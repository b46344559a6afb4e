package dev.tidemark.replication.leader;

import java.util.List;

/// What the cluster's metadata says of a partition that this broker leads.
///
/// @param partitionEpoch rises with every change of the leadership or the ISR
/// @param replicas the brokers that hold the partition, this one among them
/// @param isr the in-sync replicas that the controller knows, this broker among them
public record LeaderTerm(int leaderEpoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {}
