package dev.tidemark.broker.cluster;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;

/// Where a client is to look that asked the wrong broker for a partition (KIP-951).
public final class LeaderHints {
    private final ClusterView cluster;

    public LeaderHints(ClusterView cluster) {
        this.cluster = cluster;
    }

    public record Leader(int brokerId, int leaderEpoch) {}

    /// A broker as the clients of one listener reach it.
    public record Node(BrokerRegistration broker, BrokerEndpoint endpoint) {}

    /// Whether an answer of `error` should tell the leader.
    public static boolean isHelped(ErrorCode error) {
        return error == ErrorCode.NOT_LEADER_OR_FOLLOWER || error == ErrorCode.FENCED_LEADER_EPOCH;
    }

    /// The leader of a partition of the topic with `topicId` or, where that is zero, of this name.
    public Optional<Leader> leader(Uuid topicId, String name, int partition) {
        ClusterImage image = cluster.image();
        Optional<TopicImage> topic =
                topicId.isZero() ? image.topics().topic(name) : image.topics().topic(topicId);
        return topic.flatMap(found -> found.partition(partition))
                .filter(PartitionRegistration::hasLeader)
                .map(found -> new Leader(found.leader(), found.leaderEpoch()));
    }

    /// Collects the addresses of leaders, each once, for the clients of `listener`.
    public Nodes nodes(String listener) {
        return new Nodes(listener);
    }

    /// The nodes of one answer.
    public final class Nodes {
        private final String listener;
        private final TreeMap<Integer, Node> byId = new TreeMap<>();

        private Nodes(String listener) {
            this.listener = listener;
        }

        public void add(Leader leader) {
            if (byId.containsKey(leader.brokerId())) return;
            cluster.image()
                    .broker(leader.brokerId())
                    .ifPresent(broker -> broker.endpoint(listener)
                            .ifPresent(endpoint -> byId.put(broker.id(), new Node(broker, endpoint))));
        }

        public Collection<Node> all() {
            return byId.values();
        }
    }
}
