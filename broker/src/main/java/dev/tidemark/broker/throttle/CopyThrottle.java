package dev.tidemark.broker.throttle;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One side's throttle (KIP-73): the replicas that topics' configs list share one rate of this broker. Members of the
/// ISR are never held: to slow them down would slow producers down.
///
/// Owner: [#onDelta] and [#rate] belong to the one that applies metadata changes; the rest is for any loop.
public final class CopyThrottle implements Throttle {
    /// On which side of the copying this broker is.
    public enum Side {
        LEADER("leader.replication.throttled.replicas"),
        FOLLOWER("follower.replication.throttled.replicas");

        private final String topicConfig;

        Side(String topicConfig) {
            this.topicConfig = topicConfig;
        }
    }

    private static final long HOLD_MS = 100;

    private final Side side;
    private final int selfId;
    private final ClusterView cluster;
    private final CopyQuota quota;
    private final Map<String, ThrottledReplicas> byTopic = new ConcurrentHashMap<>();

    public CopyThrottle(Side side, int selfId, ClusterView cluster, Clock clock) {
        this.side = side;
        this.selfId = selfId;
        this.cluster = cluster;
        this.quota = new CopyQuota(clock);
    }

    /// `leader.replication.throttled.rate` or `follower.replication.throttled.rate`.
    public void rate(long bytesPerSecond) {
        quota.rate(bytesPerSecond);
    }

    /// Takes over what topics list now.
    public void onDelta(ClusterImage after, MetadataDelta delta) {
        for (MetadataChange change : delta.changes()) {
            if (change instanceof MetadataChange.ConfigChanged(ConfigResource resource, var _)
                    && resource.type() == ConfigResource.Type.TOPIC) {
                list(resource.name(), after.configs().topic(resource.name()).get(side.topicConfig));
            }
        }
    }

    private void list(String topic, @Nullable String text) {
        ThrottledReplicas listed = text == null ? ThrottledReplicas.NONE : ThrottledReplicas.parse(text);
        if (listed.isNone()) byTopic.remove(topic);
        else byTopic.put(topic, listed);
    }

    @Override
    public boolean isHeld(Partition partition, int followerId) {
        return !byTopic.isEmpty() && isThrottled(partition, followerId) && quota.isExceeded();
    }

    @Override
    public long holdMs() {
        return HOLD_MS;
    }

    @Override
    public void onCopied(Partition partition, int followerId, int bytes) {
        if (bytes > 0 && !byTopic.isEmpty() && isThrottled(partition, followerId)) quota.use(bytes);
    }

    private boolean isThrottled(Partition partition, int followerId) {
        ThrottledReplicas listed = byTopic.get(partition.id().topic());
        return listed != null
                && listed.contains(partition.id().partition(), selfId)
                && !isInSync(partition, followerId);
    }

    private boolean isInSync(Partition partition, int followerId) {
        return cluster.image()
                .topics()
                .topic(partition.topicId())
                .flatMap(topic -> topic.partition(partition.id().partition()))
                .filter(known -> known.isr().contains(followerId))
                .isPresent();
    }
}
