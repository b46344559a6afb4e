package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a partition moves: first it has its old and its new replicas, and when all new ones are in the
/// ISR, only those that are to stay.
final class Reassignments {
    private final LeaderElection election;

    Reassignments(LeaderElection election) {
        this.election = election;
    }

    /// Where the partition was before a reassignment that is under way, or where it is.
    static List<Integer> original(PartitionRegistration partition) {
        return without(partition.replicas(), partition.addingReplicas());
    }

    /// On the way to `target`; another way that the partition was on is left. Empty where none of the
    /// replicas could lead.
    Optional<PartitionRegistration> begun(PartitionKey key, PartitionRegistration partition, List<Integer> target) {
        List<Integer> original = original(partition);
        List<Integer> removing = without(original, target);
        List<Integer> all = new ArrayList<>(target);
        all.addAll(removing);
        return settled(key, partition, List.copyOf(all), without(target, original), removing)
                .map(after -> completed(key, after).orElse(after));
    }

    /// Back to where it was. Empty where none of those replicas could lead.
    Optional<PartitionRegistration> cancelled(PartitionKey key, PartitionRegistration partition) {
        return settled(key, partition, original(partition), List.of(), List.of());
    }

    /// Arrived, where all that are to come are in the ISR; empty where it is still on the way.
    Optional<PartitionRegistration> completed(PartitionKey key, PartitionRegistration partition) {
        if (!partition.isBeingReassigned()) return Optional.empty();
        if (!partition.isr().containsAll(partition.addingReplicas())) return Optional.empty();
        List<Integer> target = without(partition.replicas(), partition.removingReplicas());
        if (target.isEmpty()) return Optional.empty();
        return settled(key, partition, target, List.of(), List.of());
    }

    /// With other replicas, under a leader that is one of them.
    private Optional<PartitionRegistration> settled(
            PartitionKey key,
            PartitionRegistration partition,
            List<Integer> replicas,
            List<Integer> adding,
            List<Integer> removing) {
        List<Integer> isr = partition.isr().stream().filter(replicas::contains).toList();
        if (isr.isEmpty()) return Optional.empty();
        PartitionRegistration moved = partition.withReplicas(replicas, adding, removing);
        boolean leaderStays = !partition.hasLeader() || isr.contains(partition.leader());
        if (leaderStays) {
            boolean same = isr.size() == partition.isr().size();
            return Optional.of(same ? moved : election.withIsr(moved, isr));
        }
        return replicas.stream()
                .filter(isr::contains)
                .filter(broker -> election.mayLead(key, broker))
                .findFirst()
                .map(leader -> election.reign(moved, leader, isr));
    }

    private static List<Integer> without(List<Integer> brokers, List<Integer> others) {
        return brokers.stream().filter(broker -> !others.contains(broker)).toList();
    }
}
