package dev.tidemark.metadata.image;

import java.util.List;

/// What the cluster knows of one partition: its replicas from the topic's znode, its leadership from the partition's
/// state znode.
///
/// `partitionEpoch` is the version of the state znode, so that an ISR change is a compare-and-set; it is
/// [#NO_EPOCH] while no state has been written yet, and then there is no leader either.
///
/// @param replicas the brokers that hold it, the preferred leader first
/// @param addingReplicas those of `replicas` that a reassignment brings in
/// @param removingReplicas those of `replicas` that a reassignment takes out
/// @param isr the in-sync replicas
/// @param leader the leading broker, or [#NO_LEADER]
public record PartitionRegistration(
        List<Integer> replicas,
        List<Integer> addingReplicas,
        List<Integer> removingReplicas,
        List<Integer> isr,
        int leader,
        int leaderEpoch,
        int partitionEpoch) {

    public static final int NO_LEADER = -1;
    public static final int NO_EPOCH = -1;

    /// A partition that is assigned but has no leader yet.
    public static PartitionRegistration assigned(List<Integer> replicas) {
        return new PartitionRegistration(replicas, List.of(), List.of(), List.of(), NO_LEADER, NO_EPOCH, NO_EPOCH);
    }

    public boolean hasLeader() {
        return leader != NO_LEADER;
    }

    public boolean isBeingReassigned() {
        return !addingReplicas.isEmpty() || !removingReplicas.isEmpty();
    }

    /// The same replicas under another leadership.
    public PartitionRegistration withLeadership(int newLeader, int newLeaderEpoch, List<Integer> newIsr, int newEpoch) {
        return new PartitionRegistration(
                replicas, addingReplicas, removingReplicas, newIsr, newLeader, newLeaderEpoch, newEpoch);
    }

    /// The same leadership over other replicas.
    public PartitionRegistration withReplicas(List<Integer> all, List<Integer> adding, List<Integer> removing) {
        return new PartitionRegistration(all, adding, removing, isr, leader, leaderEpoch, partitionEpoch);
    }

    /// Whether the replicas are the same, in the same order, and on the same way.
    public boolean isAssignedAs(PartitionRegistration other) {
        return replicas.equals(other.replicas)
                && addingReplicas.equals(other.addingReplicas)
                && removingReplicas.equals(other.removingReplicas);
    }

    /// The same leadership over other replicas.
    public PartitionRegistration withAssignment(PartitionRegistration assignment) {
        return new PartitionRegistration(
                assignment.replicas,
                assignment.addingReplicas,
                assignment.removingReplicas,
                isr,
                leader,
                leaderEpoch,
                partitionEpoch);
    }
}
