package dev.tidemark.broker.cluster;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.metadata.controller.TopicNames;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The cluster as this broker tells clients of it: the image, and which of its own partitions it really serves.
///
/// Written by the one that applies metadata changes; read from every loop.
public final class ClusterView {
    private final int nodeId;
    private final Partitions partitions;
    private volatile ClusterImage image = ClusterImage.EMPTY;

    public ClusterView(int nodeId, Partitions partitions) {
        this.nodeId = nodeId;
        this.partitions = partitions;
    }

    public void show(ClusterImage newImage) {
        image = newImage;
    }

    public ClusterImage image() {
        return image;
    }

    public int nodeId() {
        return nodeId;
    }

    /// Whether a broker is alive, in the incarnation `epoch` where that is known (not -1).
    public boolean isAlive(int brokerId, long epoch) {
        BrokerRegistration broker = image.brokers().get(brokerId);
        return broker != null && (epoch == -1 || broker.epoch() == epoch);
    }

    /// Whether a broker may be a member of a partition's ISR: alive in that incarnation, not about to stop (KIP-841),
    /// and with a disk that works.
    public boolean mayBeInSync(Uuid topicId, int partition, int brokerId, long epoch) {
        BrokerRegistration broker = image.brokers().get(brokerId);
        return isAlive(brokerId, epoch)
                && broker != null
                && !broker.shuttingDown()
                && !broker.isOffline(topicId, partition);
    }

    /// Why a partition that this broker does not serve cannot be served: its log is broken, it is elsewhere, or the
    /// cluster does not know it.
    public ErrorCode whyNotHere(String topic, int partition) {
        return whyNotHere(image.topics().topic(topic), partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    /// As for a name; an id that the cluster does not know may be a topic's that is gone.
    public ErrorCode whyNotHere(Uuid topicId, int partition) {
        return whyNotHere(image.topics().topic(topicId), partition, ErrorCode.UNKNOWN_TOPIC_ID);
    }

    private ErrorCode whyNotHere(Optional<TopicImage> topic, int partition, ErrorCode ofUnknown) {
        if (topic.isEmpty()) return ofUnknown;
        if (topic.get().partition(partition).isEmpty()) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        return partitions.isOffline(topic.get().name(), partition)
                ? ErrorCode.KAFKA_STORAGE_ERROR
                : ErrorCode.NOT_LEADER_OR_FOLLOWER;
    }

    public static boolean isInternal(String topic) {
        return TopicNames.isInternal(topic);
    }

    /// The leader to tell clients: empty while there is none, while it is dead, and, if it is this broker, while it
    /// does not serve the partition yet. (A leader that is named too early refuses an idempotent producer's first
    /// batch and takes its second: the producer is then stuck in OUT_OF_ORDER_SEQUENCE_NUMBER.)
    public Optional<BrokerRegistration> leader(TopicImage topic, int index, PartitionRegistration partition) {
        if (!partition.hasLeader()) return Optional.empty();
        if (partition.leader() == nodeId && !serves(topic, index)) return Optional.empty();
        return image.broker(partition.leader());
    }

    private boolean serves(TopicImage topic, int index) {
        Partition own = partitions.get(topic.id(), index);
        return own != null && own.isLeader();
    }

    /// Of `replicas`, those whose broker is not alive or whose log directory is offline. Of the own ones, this broker
    /// knows before the cluster does.
    public List<Integer> offlineReplicas(TopicImage topic, int index, List<Integer> replicas) {
        List<Integer> offline = new ArrayList<>(0);
        for (int replica : replicas) {
            boolean isOffline = replica == nodeId && isOffline(topic, index);
            if (isOffline || !image.isOnline(replica, topic.id(), index)) offline.add(replica);
        }
        return offline;
    }

    private boolean isOffline(TopicImage topic, int index) {
        Partition own = partitions.get(topic.id(), index);
        if (own != null) return own.isOffline();
        return partitions.isOffline(new TopicPartition(topic.name(), index), topic.id());
    }

    /// The living brokers that clients of `listener` can reach.
    public List<Reachable> brokers(String listener) {
        List<Reachable> reachable = new ArrayList<>();
        for (BrokerRegistration broker : image.brokers().values()) {
            broker.endpoint(listener).ifPresent(endpoint -> reachable.add(new Reachable(broker, endpoint)));
        }
        return reachable;
    }

    /// A living broker and its address for one listener.
    public record Reachable(BrokerRegistration broker, BrokerEndpoint endpoint) {}
}
