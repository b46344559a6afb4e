package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who leads a partition, by the brokers that are alive in one image.
///
/// A leader comes from the ISR, by the order of the replicas; from outside of it only where the topic allows unclean
/// election. Every change of the leader starts a new leader epoch, and so does the return of a leader that did not stop
/// cleanly: its log may have lost its tail, and readers must be able to tell.
final class LeaderElection {
    private static final String UNCLEAN = "unclean.leader.election.enable";

    private final ControllerSettings settings;
    private final ClusterImage image;

    LeaderElection(ControllerSettings settings, ClusterImage image) {
        this.settings = settings;
        this.image = image;
    }

    /// The first leadership of a partition that has none written yet; empty where it has, or where nobody is alive.
    Optional<PartitionRegistration> firstLeader(PartitionRegistration partition) {
        if (partition.partitionEpoch() != PartitionRegistration.NO_EPOCH) return Optional.empty();
        List<Integer> alive = alive(partition.replicas());
        if (alive.isEmpty()) return Optional.empty();
        return Optional.of(partition.withLeadership(alive.getFirst(), 0, alive, 0));
    }

    /// What becomes of a partition with the brokers as they are; empty where nothing changes.
    ///
    /// @param unsafe living brokers that have come back without a clean stop
    Optional<PartitionRegistration> review(String topic, PartitionRegistration partition, Set<Integer> unsafe) {
        if (partition.partitionEpoch() == PartitionRegistration.NO_EPOCH) return firstLeader(partition);
        List<Integer> isr = eligible(partition, unsafe);
        int leader = partition.leader();
        if (isr.contains(leader) && !unsafe.contains(leader)) {
            return isr.equals(partition.isr()) ? Optional.empty() : Optional.of(withIsr(partition, isr));
        }
        Optional<Integer> clean =
                partition.replicas().stream().filter(isr::contains).findFirst();
        if (clean.isPresent()) return Optional.of(reign(partition, clean.get(), isr));
        List<Integer> alive = alive(partition.replicas());
        if (!alive.isEmpty() && isUncleanAllowed(topic)) {
            return Optional.of(reign(partition, alive.getFirst(), List.of(alive.getFirst())));
        }
        if (!partition.hasLeader()) return Optional.empty();
        return Optional.of(reign(partition, PartitionRegistration.NO_LEADER, partition.isr()));
    }

    /// The living members of the ISR; of them those that lost nothing, where there is one.
    private List<Integer> eligible(PartitionRegistration partition, Set<Integer> unsafe) {
        List<Integer> alive = alive(partition.isr());
        if (unsafe.isEmpty()) return alive;
        List<Integer> safe =
                alive.stream().filter(broker -> !unsafe.contains(broker)).toList();
        return safe.isEmpty() ? alive : safe;
    }

    /// The leader stays, and its epoch with it.
    PartitionRegistration withIsr(PartitionRegistration partition, List<Integer> isr) {
        return partition.withLeadership(
                partition.leader(), partition.leaderEpoch(), isr, partition.partitionEpoch() + 1);
    }

    /// Another leader, or the same one anew.
    PartitionRegistration reign(PartitionRegistration partition, int leader, List<Integer> isr) {
        return partition.withLeadership(leader, partition.leaderEpoch() + 1, isr, partition.partitionEpoch() + 1);
    }

    boolean isUncleanAllowed(String topic) {
        String ofTopic = image.configs().of(ConfigResource.topic(topic)).get(UNCLEAN);
        if (ofTopic != null) return ofTopic.equals("true");
        String ofBrokers = image.configs().of(ConfigResource.DEFAULT_BROKER).get(UNCLEAN);
        return ofBrokers != null ? ofBrokers.equals("true") : settings.uncleanLeaderElectionEnable();
    }

    List<Integer> alive(List<Integer> brokers) {
        boolean all = true;
        for (int broker : brokers) all &= image.isAlive(broker);
        return all ? brokers : brokers.stream().filter(image::isAlive).toList();
    }
}
