package dev.tidemark.broker.fetch;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.replication.leader.ReplicaProgress;
import org.jspecify.annotations.Nullable;

/// Chooses the replica that a consumer should read from: one in its rack (KIP-392, Kafka's `RackAwareReplicaSelector`).
public final class PreferredReplicas {
    static final int NONE = -1;

    private final ClusterView cluster;
    private final boolean byRack;

    /// @param selectorClass `replica.selector.class`: Kafka's names of its selectors, in any package; empty for the
    ///     leader always
    public PreferredReplicas(ClusterView cluster, String selectorClass) {
        this.cluster = cluster;
        this.byRack = selectorClass.endsWith("RackAwareReplicaSelector");
    }

    /// A follower in sync in the consumer's rack that has what it asks for, the furthest; [#NONE] where the leader
    /// should serve it.
    int choose(Partition leading, String rack, long fetchOffset) {
        if (!byRack || rack.isEmpty()) return NONE;
        ClusterImage image = cluster.image();
        if (rack.equals(rackOf(image, cluster.nodeId()))) return NONE;
        ReplicaProgress best = null;
        for (ReplicaProgress replica : leading.progress()) {
            boolean hasIt = replica.logStartOffset() <= fetchOffset && fetchOffset <= replica.endOffset();
            if (!replica.inSync() || !hasIt || !rack.equals(rackOf(image, replica.brokerId()))) continue;
            if (best == null || replica.endOffset() > best.endOffset()) best = replica;
        }
        return best == null ? NONE : best.brokerId();
    }

    private static @Nullable String rackOf(ClusterImage image, int brokerId) {
        return image.broker(brokerId).map(BrokerRegistration::rack).orElse(null);
    }
}
