package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/// Who leads a partition, by the replicas that can work in one image: their brokers are alive, and their log
/// directories have not failed.
///
/// A leader comes from the ISR, by the order of the replicas; from outside of it only where the topic allows unclean
/// election. Every change of the leader starts a new leader epoch. Where no member of the ISR can work, they all stay
/// in it, and there is no leader until one of them is back: one that is outside has less.
///
/// A broker that came back without a clean stop may have lost the tails of its logs. It leaves every ISR that has
/// another member, dead or alive, before it leads anything: the others have what it may have lost. Where it is the last
/// member, it leads in a new epoch, and that is told: nobody can have more than it has. Topics that wait for the disk
/// before they acknowledge (`flush.before.ack`) lose nothing, and its place in their ISRs stays. It still leads them in
/// a new epoch: it may have lost what was not acknowledged yet, which a follower may have.
final class LeaderElection {
    private static final String UNCLEAN = "unclean.leader.election.enable";
    private static final String FLUSH_BEFORE_ACK = "flush.before.ack";
    private static final String BROKERS_FLUSH_BEFORE_ACK = "log.flush.before.ack";

    private final ControllerSettings settings;
    private final ClusterImage image;

    /// Living brokers that have come back without a clean stop and have not been seen to.
    private final Set<Integer> unsafe = new TreeSet<>();

    /// Living brokers that are about to stop.
    private final Set<Integer> leaving = new TreeSet<>();

    LeaderElection(ControllerSettings settings, ClusterImage image) {
        this.settings = settings;
        this.image = image;
        for (BrokerRegistration broker : image.brokers().values()) {
            if (!broker.stoppedCleanly()) unsafe.add(broker.id());
            if (broker.shuttingDown()) leaving.add(broker.id());
        }
    }

    /// The first leadership of a partition that has none written yet; empty where it has, or where nobody is alive.
    /// Where brokers are alive but their disks do not work, it is one without a leader.
    Optional<PartitionRegistration> firstLeader(PartitionKey key, PartitionRegistration partition) {
        if (partition.partitionEpoch() != PartitionRegistration.NO_EPOCH) return Optional.empty();
        List<Integer> alive = selected(partition.replicas(), image::isAlive);
        if (alive.isEmpty()) return Optional.empty();
        List<Integer> isr = preferring(online(key, alive), broker -> !leaving.contains(broker));
        if (isr.isEmpty()) {
            return Optional.of(partition.withLeadership(PartitionRegistration.NO_LEADER, 0, alive, 0));
        }
        return Optional.of(partition.withLeadership(isr.getFirst(), 0, isr, 0));
    }

    /// What becomes of a partition with the brokers and their disks as they are; empty where nothing changes.
    Optional<PartitionRegistration> review(PartitionKey key, PartitionRegistration partition) {
        if (partition.partitionEpoch() == PartitionRegistration.NO_EPOCH) return firstLeader(key, partition);
        List<Integer> trusted = trusted(key, partition);
        List<Integer> isr = preferring(online(key, trusted), broker -> !leaving.contains(broker));
        int leader = partition.leader();
        if (isr.contains(leader) && !unsafe.contains(leader)) {
            return isr.equals(partition.isr()) ? Optional.empty() : Optional.of(withIsr(partition, isr));
        }
        Optional<Integer> clean =
                partition.replicas().stream().filter(isr::contains).findFirst();
        if (clean.isPresent()) return Optional.of(reign(partition, clean.get(), isr));
        if (isUncleanAllowed(key.topic())) {
            Optional<Integer> unclean = uncleanLeader(key, partition);
            if (unclean.isPresent()) return Optional.of(reign(partition, unclean.get(), List.of(unclean.get())));
        }
        if (!partition.hasLeader() && trusted.equals(partition.isr())) return Optional.empty();
        return Optional.of(reign(partition, PartitionRegistration.NO_LEADER, trusted));
    }

    /// A replica that can work, for an unclean election: one that stays and lost nothing, where there is one.
    Optional<Integer> uncleanLeader(PartitionKey key, PartitionRegistration partition) {
        List<Integer> online = online(key, partition.replicas());
        List<Integer> staying = preferring(online, broker -> !leaving.contains(broker));
        return preferring(staying, broker -> !unsafe.contains(broker)).stream().findFirst();
    }

    /// Whether the last member of an ISR is a broker that may have lost records, and leads for want of a better one.
    boolean isLastResort(String topic, PartitionRegistration after) {
        return after.hasLeader() && after.isr().size() == 1 && isUnsafe(topic, after.leader());
    }

    /// The members of the ISR, dead or alive, without those that may have lost records, unless it has no others.
    /// Of several that all may have lost some one stays that can work, the leader where it is among them.
    private List<Integer> trusted(PartitionKey key, PartitionRegistration partition) {
        List<Integer> members = preferring(partition.isr(), partition.replicas()::contains);
        if (unsafe.isEmpty() || isFlushedBeforeAck(key.topic())) return members;
        if (!members.isEmpty() && members.stream().allMatch(unsafe::contains)) {
            List<Integer> working = preferring(members, broker -> isOnline(key, broker));
            return List.of(working.contains(partition.leader()) ? partition.leader() : working.getFirst());
        }
        return preferring(members, broker -> !unsafe.contains(broker));
    }

    private boolean isUnsafe(String topic, int broker) {
        return unsafe.contains(broker) && !isFlushedBeforeAck(topic);
    }

    /// Those of `brokers` that `wanted` takes; all of them where it takes none.
    private static List<Integer> preferring(List<Integer> brokers, IntPredicate wanted) {
        List<Integer> taken = selected(brokers, wanted);
        return taken.isEmpty() ? brokers : taken;
    }

    /// Whether a broker may become a leader of the partition where it is in the ISR.
    boolean mayLead(PartitionKey key, int broker) {
        return isOnline(key, broker) && !leaving.contains(broker) && !unsafe.contains(broker);
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
        return isOn(topic, UNCLEAN, UNCLEAN, settings.uncleanLeaderElectionEnable());
    }

    /// Whether these configs, a topic's or those of all brokers, allow it by themselves.
    static boolean allowsUnclean(ConfigImage config) {
        return "true".equals(config.get(UNCLEAN));
    }

    private boolean isFlushedBeforeAck(String topic) {
        return isOn(topic, FLUSH_BEFORE_ACK, BROKERS_FLUSH_BEFORE_ACK, settings.flushBeforeAck());
    }

    private boolean isOn(String topic, String topicKey, String brokersKey, boolean otherwise) {
        String ofTopic = image.configs().of(ConfigResource.topic(topic)).get(topicKey);
        if (ofTopic != null) return ofTopic.equals("true");
        String ofBrokers = image.configs().of(ConfigResource.DEFAULT_BROKER).get(brokersKey);
        return ofBrokers != null ? ofBrokers.equals("true") : otherwise;
    }

    boolean isOnline(PartitionKey key, int broker) {
        return image.isOnline(broker, key.topicId(), key.index());
    }

    /// Those of `brokers` whose replicas of the partition can work.
    List<Integer> online(PartitionKey key, List<Integer> brokers) {
        return selected(brokers, broker -> isOnline(key, broker));
    }

    private static List<Integer> selected(List<Integer> brokers, IntPredicate wanted) {
        boolean all = true;
        for (int broker : brokers) all &= wanted.test(broker);
        return all ? brokers : brokers.stream().filter(wanted::test).toList();
    }
}
