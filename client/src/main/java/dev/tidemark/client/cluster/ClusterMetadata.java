package dev.tidemark.client.cluster;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.client.Node;
import dev.tidemark.protocol.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the cluster said about itself at one time. Immutable.
///
/// @param nodes by id
/// @param topics by name: those that were asked for
public record ClusterMetadata(
        @Nullable String clusterId, int controllerId, Map<Integer, Node> nodes, Map<String, Topic> topics) {
    public static final ClusterMetadata EMPTY = new ClusterMetadata(null, -1, Map.of(), Map.of());

    /// A topic, or why there is none.
    public record Topic(String name, Uuid id, boolean isInternal, ErrorCode error, List<Partition> partitions) {}

    /// @param leaderId -1 while there is none
    public record Partition(
            int index,
            ErrorCode error,
            int leaderId,
            int leaderEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> offlineReplicas) {}

    public @Nullable Topic topic(String name) {
        return topics.get(name);
    }

    public @Nullable Topic topic(Uuid id) {
        for (Topic topic : topics.values()) if (topic.id().equals(id)) return topic;
        return null;
    }

    public @Nullable Partition partition(TopicPartition partition) {
        Topic topic = topics.get(partition.topic());
        if (topic == null) return null;
        for (Partition each : topic.partitions()) if (each.index() == partition.partition()) return each;
        return null;
    }

    /// The broker to read from and write to; null while there is none.
    public @Nullable Node leader(TopicPartition partition) {
        Partition known = partition(partition);
        return known == null ? null : nodes.get(known.leaderId());
    }

    /// This, with a leader that a broker named in passing. An older epoch changes nothing.
    ClusterMetadata withLeader(TopicPartition where, int leaderId, int leaderEpoch, List<Node> endpoints) {
        Partition known = partition(where);
        Topic topic = topics.get(where.topic());
        if (known == null || topic == null || leaderEpoch <= known.leaderEpoch()) return this;
        Partition moved = new Partition(
                known.index(),
                ErrorCode.NONE,
                leaderId,
                leaderEpoch,
                known.replicas(),
                known.isr(),
                known.offlineReplicas());
        List<Partition> partitions = topic.partitions().stream()
                .map(each -> each.index() == where.partition() ? moved : each)
                .toList();
        Map<String, Topic> newTopics = new HashMap<>(topics);
        newTopics.put(topic.name(), new Topic(topic.name(), topic.id(), topic.isInternal(), topic.error(), partitions));
        Map<Integer, Node> newNodes = new HashMap<>(nodes);
        for (Node node : endpoints) newNodes.put(node.id(), node);
        return new ClusterMetadata(clusterId, controllerId, newNodes, newTopics);
    }
}
