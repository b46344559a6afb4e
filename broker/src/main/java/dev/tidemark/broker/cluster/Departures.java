package dev.tidemark.broker.cluster;

import dev.tidemark.base.time.Clock;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.HashMap;
import java.util.Map;

/// The brokers whose processes have just gone, while others are about to take over what they led.
///
/// A client that asks in this time for its partitions' leaders would hear of the dead ones and come again later, each
/// time after a longer pause. So it is answered when there are new ones, but not much later than it asked: see
/// [#WINDOW_MS].
///
/// Owner: its monitor, held shortly; read from every loop.
public final class Departures {
    /// How long after a broker's end its successors are waited for. Where they take longer something is wrong, and
    /// clients had better hear what is known.
    public static final long WINDOW_MS = 1_500;
    /// How long such a broker is named as no partition's leader. A client that is sent back to a dead leader by a
    /// broker whose image is behind may ask nobody again for minutes (librdkafka before 2.4).
    private static final long DISTRUST_MS = 10_000;

    private record Departure(long brokerEpoch, long untilMs) {}

    private final ClusterView cluster;
    private final Clock clock;
    private volatile Map<Integer, Departure> recent = Map.of();

    public Departures(ClusterView cluster, Clock clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    /// This incarnation of a broker is gone. More than once does not make the time longer.
    public synchronized void onGone(int brokerId, long brokerEpoch) {
        long nowMs = clock.monotonicMs();
        Departure known = recent.get(brokerId);
        if (known != null && known.brokerEpoch >= brokerEpoch) return;
        Map<Integer, Departure> next = new HashMap<>(recent);
        next.put(brokerId, new Departure(brokerEpoch, nowMs + WINDOW_MS));
        recent = Map.copyOf(next);
    }

    /// Somebody listens at the broker's port: it has not gone, or has come back.
    public synchronized void onHere(int brokerId) {
        if (!recent.containsKey(brokerId)) return;
        Map<Integer, Departure> next = new HashMap<>(recent);
        next.remove(brokerId);
        recent = Map.copyOf(next);
    }

    /// Whether the image tells of an incarnation that has just gone.
    public boolean isGone(BrokerRegistration broker) {
        Departure departure = recent.get(broker.id());
        return departure != null
                && broker.epoch() <= departure.brokerEpoch
                && clock.monotonicMs() < departure.untilMs - WINDOW_MS + DISTRUST_MS;
    }

    /// Whether other brokers than the present leaders are expected any moment for some partition of the topic.
    public boolean concern(TopicImage topic) {
        Map<Integer, Departure> all = recent;
        if (all.isEmpty()) return false;
        long nowMs = clock.monotonicMs();
        if (all.values().stream().allMatch(departure -> nowMs >= departure.untilMs)) return false;
        ClusterImage image = cluster.image();
        for (int index = 0; index < topic.partitionCount(); index++) {
            if (isAwaited(topic, index, image, all, nowMs)) return true;
        }
        return false;
    }

    private boolean isAwaited(
            TopicImage topic, int index, ClusterImage image, Map<Integer, Departure> all, long nowMs) {
        PartitionRegistration partition = topic.partitions().get(index);
        if (!partition.hasLeader()) return false; // There is nobody to take over.
        if (partition.leader() == cluster.nodeId())
            return cluster.leader(topic, index, partition).isEmpty();
        Departure departure = all.get(partition.leader());
        if (departure == null || nowMs >= departure.untilMs) return false;
        BrokerRegistration now = image.brokers().get(partition.leader());
        return now == null || now.epoch() <= departure.brokerEpoch;
    }
}
