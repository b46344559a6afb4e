package dev.tidemark.simulator.check;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.core.BrokerCore;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.simulator.cluster.SimulatedBroker;
import dev.tidemark.simulator.cluster.SimulatedCluster;
import dev.tidemark.simulator.world.Findings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// Looks into the brokers again and again, at what no client can see: who leads in which epoch, how far the high
/// watermarks are, and whether the replicas' logs are the same below them.
public final class Inspector {
    /// A member of the ISR counts once it has served for so long: until then the controller may not know that it lost
    /// something.
    private static final long SETTLED_MS = 5_000;

    private record Reign(PartitionKey partition, int epoch) {}

    private record Batch(long nextOffset, int crc, int epoch) {}

    /// What is known of one replica in one incarnation of its broker.
    private static final class Replica {
        final Partition partition;
        final long sinceMs;
        long comparedTo;
        long highWatermark = -1;
        long stable = -1;
        int epoch = -1;

        Replica(Partition partition, long sinceMs) {
            this.partition = partition;
            this.sinceMs = sinceMs;
        }
    }

    private final SimulatedCluster cluster;
    private final Findings findings;
    private final boolean lossAllowed;
    private final boolean compacts;
    private final Map<Reign, Integer> leaders = new HashMap<>();
    private final Map<PartitionKey, SortedMap<Long, Batch>> committed = new HashMap<>();
    private final Map<Integer, SortedMap<PartitionKey, Replica>> replicas = new TreeMap<>();

    /// @param compacts the replicas of compacted topics differ, as each is compacted by its broker
    public Inspector(SimulatedCluster cluster, boolean lossAllowed, boolean compacts) {
        this.cluster = cluster;
        this.findings = cluster.world().findings();
        this.lossAllowed = lossAllowed;
        this.compacts = compacts;
    }

    /// Looks once.
    public void look() {
        for (SimulatedBroker broker : cluster.brokers()) {
            Optional<BrokerCore> core = broker.core();
            SortedMap<PartitionKey, Replica> before = replicas.getOrDefault(broker.id(), new TreeMap<>());
            SortedMap<PartitionKey, Replica> now = new TreeMap<>();
            replicas.put(broker.id(), now);
            if (core.isEmpty() || !broker.isServing()) continue;
            for (Partition partition : core.get().partitions().all()) {
                PartitionKey key = key(partition);
                Replica replica = before.get(key);
                if (replica == null || !replica.partition.equals(partition))
                    replica = new Replica(partition, cluster.world().elapsedMs());
                now.put(key, replica);
                look(broker.id(), key, replica);
            }
        }
        compareWithEnds();
    }

    private static PartitionKey key(Partition partition) {
        return new PartitionKey(
                partition.topicId(), partition.id().topic(), partition.id().partition());
    }

    private void look(int broker, PartitionKey key, Replica replica) {
        Partition partition = replica.partition;
        if (partition.isLeader()) {
            Integer other = leaders.putIfAbsent(new Reign(key, partition.leaderEpoch()), broker);
            if (other != null && other != broker) {
                findings.violated(
                        "one-leader-per-epoch",
                        "%s is led in epoch %d by %d and by %d".formatted(key, partition.leaderEpoch(), other, broker));
            }
        }
        long highWatermark = partition.highWatermark();
        long end = partition.log().snapshot().logEndOffset();
        if (highWatermark > end) {
            findings.violated(
                    "hw-within-log",
                    "%s on %d has high watermark %d and end %d".formatted(key, broker, highWatermark, end));
        }
        lookAtReign(broker, key, replica, highWatermark);
        boolean differs = compacts && partition.log().config().compact();
        if (!lossAllowed && !differs) compare(broker, key, replica, highWatermark);
    }

    /// While one broker leads in one epoch neither goes back.
    private void lookAtReign(int broker, PartitionKey key, Replica replica, long highWatermark) {
        Partition partition = replica.partition;
        boolean sameReign = partition.isLeader() && partition.leaderEpoch() == replica.epoch;
        long stable = partition.log().lastStableOffset();
        if (sameReign && highWatermark < replica.highWatermark) {
            findings.violated(
                    "hw-monotonic",
                    "%s on %d in epoch %d went from %d to %d"
                            .formatted(key, broker, replica.epoch, replica.highWatermark, highWatermark));
        }
        if (sameReign && stable < replica.stable) {
            findings.violated(
                    "lso-monotonic",
                    "%s on %d in epoch %d went from %d to %d"
                            .formatted(key, broker, replica.epoch, replica.stable, stable));
        }
        replica.highWatermark = highWatermark;
        replica.stable = stable;
        replica.epoch = partition.isLeader() ? partition.leaderEpoch() : -1;
    }

    private void compare(int broker, PartitionKey key, Replica replica, long highWatermark) {
        if (replica.partition.isOffline()) return;
        SortedMap<Long, Batch> known = committed.computeIfAbsent(key, _ -> new TreeMap<>());
        try {
            for (BatchHeader batch : LogReading.batches(replica.partition, replica.comparedTo, highWatermark)) {
                if (batch.nextOffset() > highWatermark) break;
                Batch mine = new Batch(batch.nextOffset(), batch.crc(), batch.leaderEpoch());
                Batch theirs = known.putIfAbsent(batch.baseOffset(), mine);
                if (theirs != null && !theirs.equals(mine)) {
                    findings.violated(
                            "log-prefix-equality",
                            "%s at %d is %s on %d and was %s".formatted(key, batch.baseOffset(), mine, broker, theirs));
                }
                replica.comparedTo = batch.nextOffset();
            }
        } catch (MalformedException damaged) {
            findings.violated(
                    "no-corrupt-payload",
                    "%s on %d, of which %d is committed and %d compared: %s"
                            .formatted(key, broker, highWatermark, replica.comparedTo, damaged.getMessage()));
        } catch (IOException unreadable) {
            // The disk fails on demand; what it holds is looked at when it works again.
        }
    }

    /// The leader's high watermark is on every member of the ISR.
    private void compareWithEnds() {
        if (lossAllowed) return;
        replicas.forEach((broker, known) -> known.forEach((key, leader) -> {
            if (!leader.partition.isLeader()) return;
            cluster.stored(new TopicPartition(key.topic(), key.partition()))
                    .filter(state -> state.leader() == broker && state.leaderEpoch() == leader.partition.leaderEpoch())
                    .ifPresent(state -> state.isr().forEach(member -> compareEnd(key, leader, member)));
        }));
    }

    private void compareEnd(PartitionKey key, Replica leader, int member) {
        SortedMap<PartitionKey, Replica> theirs = replicas.get(member);
        Replica replica = theirs == null ? null : theirs.get(key);
        if (replica == null || cluster.world().elapsedMs() - replica.sinceMs < SETTLED_MS) return;
        long end = replica.partition.log().snapshot().logEndOffset();
        if (leader.partition.highWatermark() > end) {
            findings.violated(
                    "hw-on-every-member",
                    "%s: the high watermark is %d, but %d of the ISR ends at %d"
                            .formatted(key, leader.partition.highWatermark(), member, end));
        }
    }

    /// Whether every partition has all of its replicas in sync, as far as one can see from inside: same ends, and the
    /// high watermark there.
    public Optional<String> whatIsUnsettled() {
        Optional<ClusterImage> image = cluster.image();
        if (image.isEmpty()) return Optional.of("there is no controller");
        var deleting = image.get().topics().deleting();
        if (!deleting.isEmpty()) return Optional.of("topics are still being deleted: " + deleting);
        for (var topic : image.get().topics().byName().values()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                String name = topic.name() + "-" + index;
                PartitionRegistration registration = topic.partitions().get(index);
                if (registration.isBeingReassigned()) return Optional.of(name + " is being moved: " + registration);
                if (!registration.hasLeader()) return Optional.of(name + " has no leader: " + registration);
                if (registration.isr().size() < registration.replicas().size())
                    return Optional.of(name + " is not in sync: " + registration);
                Optional<String> unsettled = unsettled(name, topic.id(), index, registration);
                if (unsettled.isPresent()) return unsettled;
            }
        }
        return whatIsStray(image.get());
    }

    /// A replica that its broker should not have: of a topic that is gone, or of a partition that was moved away.
    private Optional<String> whatIsStray(ClusterImage image) {
        for (SimulatedBroker broker : cluster.brokers()) {
            Optional<BrokerCore> core = broker.core();
            if (core.isEmpty()) continue;
            for (Partition partition : core.get().partitions().all()) {
                boolean belongsHere = image.topics()
                        .topic(partition.id().topic())
                        .filter(topic -> topic.id().equals(partition.topicId()))
                        .flatMap(_ -> image.topics().partition(partition.id()))
                        .filter(registration -> registration.replicas().contains(broker.id()))
                        .isPresent();
                if (!belongsHere) return Optional.of(key(partition) + " is still on " + broker.id());
            }
        }
        return Optional.empty();
    }

    private Optional<String> unsettled(String name, Uuid topicId, int index, PartitionRegistration registration) {
        long end = -1;
        for (int id : registration.replicas()) {
            Optional<Partition> partition = partition(id, topicId, index);
            if (partition.isEmpty()) return Optional.of(name + " is not on " + id);
            long ownEnd = partition.get().log().snapshot().logEndOffset();
            if (end >= 0 && ownEnd != end)
                return Optional.of(name + " ends at " + end + " and on " + id + " at " + ownEnd);
            end = ownEnd;
            if (id == registration.leader() && partition.get().highWatermark() != end)
                return Optional.of(
                        name + " has its high watermark at " + partition.get().highWatermark() + " of " + end);
        }
        return Optional.empty();
    }

    /// Every replica of client and internal topics, as its broker sees it, for whoever reads the story.
    public List<String> replicas() {
        List<String> lines = new ArrayList<>();
        for (SimulatedBroker broker : cluster.brokers()) {
            broker.core().ifPresent(core -> {
                ClusterImage image = core.isJoined() ? core.plane().image() : ClusterImage.EMPTY;
                lines.add("broker %d, epoch %d, knows controller %s and brokers %s"
                        .formatted(
                                broker.id(),
                                core.isJoined() ? core.plane().brokerEpoch() : -1,
                                image.controller(),
                                image.brokers().values()));
                for (Partition partition : core.partitions().all()) {
                    lines.add("broker %d: %s epoch %d, high watermark %d, end %d, forced %d%s, fetches %s, is told %s"
                            .formatted(
                                    broker.id(),
                                    partition.id(),
                                    partition.leaderEpoch(),
                                    partition.highWatermark(),
                                    partition.log().snapshot().logEndOffset(),
                                    partition.log().recoveryPoint(),
                                    partition.isOffline() ? ", offline" : "",
                                    partition.fetchPosition(),
                                    image.topics().partition(partition.id())));
                }
            });
        }
        return lines;
    }

    /// All partitions of some topics, as the controller knows them.
    public List<PartitionKey> partitions(List<String> topics) {
        List<PartitionKey> found = new ArrayList<>();
        cluster.image()
                .ifPresent(image ->
                        topics.forEach(name -> image.topics().topic(name).ifPresent(topic -> {
                            for (int index = 0; index < topic.partitionCount(); index++)
                                found.add(new PartitionKey(topic.id(), name, index));
                        })));
        return found;
    }

    private Optional<Partition> partition(int broker, Uuid topicId, int index) {
        if (!cluster.broker(broker).isServing()) return Optional.empty();
        return cluster.broker(broker).core().map(core -> core.partitions().get(topicId, index));
    }

    /// What a reader, told by its positions, has not read yet.
    public Optional<String> whatIsUnread(ToLongFunction<PartitionKey> positions, List<String> topics) {
        Optional<ClusterImage> image = cluster.image();
        if (image.isEmpty()) return Optional.of("there is no controller");
        for (String topic : topics) {
            var found = image.get().topics().topic(topic);
            if (found.isEmpty()) continue;
            for (int index = 0; index < found.get().partitionCount(); index++) {
                PartitionKey key = new PartitionKey(found.get().id(), topic, index);
                int leader = found.get().partitions().get(index).leader();
                Optional<Partition> partition = leader < 0 ? Optional.empty() : partition(leader, key.topicId(), index);
                if (partition.isEmpty()) return Optional.of(key + " is not led");
                long position = positions.applyAsLong(key);
                if (position < partition.get().highWatermark())
                    return Optional.of(key + " is read up to " + position + " of "
                            + partition.get().highWatermark());
            }
        }
        return Optional.empty();
    }

    /// At the end, when all is settled: every replica of client topics is the same, and tells the history.
    public void compareAll(History history, List<String> topics) {
        Optional<ClusterImage> image = cluster.image();
        if (image.isEmpty()) return;
        for (String topic : topics) {
            image.get().topics().topic(topic).ifPresent(found -> {
                for (int index = 0; index < found.partitionCount(); index++) {
                    compareAll(
                            history,
                            new PartitionKey(found.id(), topic, index),
                            found.partitions().get(index).replicas());
                }
            });
        }
    }

    /// Where loss is allowed one of two logs may begin later.
    private boolean areSame(List<String> one, List<String> other) {
        if (!lossAllowed || one.size() != other.size()) return one.equals(other);
        int from = 0;
        while (from < one.size() && (isNothing(one.get(from)) || isNothing(other.get(from)))) from++;
        return one.subList(from, one.size()).equals(other.subList(from, other.size()));
    }

    private static boolean isNothing(String value) {
        return value.equals(LogReading.NOTHING);
    }

    private void compareAll(History history, PartitionKey key, List<Integer> ids) {
        List<String> first = List.of();
        for (int id : ids) {
            Optional<Partition> partition = partition(id, key.topicId(), key.partition());
            if (partition.isEmpty()) continue;
            try {
                List<String> values = LogReading.values(
                        partition.get(), partition.get().log().snapshot().logEndOffset());
                if (id == ids.getFirst()) first = values;
                else if (!areSame(first, values)) {
                    findings.violated("replicas-identical", "%s on %d and on %d".formatted(key, ids.getFirst(), id));
                }
            } catch (IOException | MalformedException unreadable) {
                findings.violated("replicas-identical", key + " cannot be read on " + id + ": " + unreadable);
            }
        }
        history.onEnd(key, first);
    }
}
