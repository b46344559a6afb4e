package dev.tidemark.metadata.control;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.json.ClusterIdJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The znodes that one round reads, and what each of them stands for.
final class ReadPlan {
    private final Dirt dirt;
    private final NavigableSet<String> topics = new TreeSet<>();
    private final List<String> paths = new ArrayList<>();
    private int registrations = StoreOp.ANY_VERSION;

    ReadPlan(Dirt dirt) {
        this.dirt = dirt;
        topics.addAll(dirt.topics);
        topics.addAll(dirt.wholeTopics);
        dirt.states.removeIf(id -> dirt.wholeTopics.contains(id.topic()));
        if (dirt.clusterId) paths.add(Znodes.CLUSTER_ID);
        if (dirt.controller) paths.addAll(List.of(Znodes.CONTROLLER, Znodes.CONTROLLER_EPOCH));
        if (dirt.features) paths.add(Znodes.FEATURE);
        // Before the brokers: what is read of them afterwards has every registration that it counts.
        if (!dirt.brokers.isEmpty()) paths.add(Znodes.BROKER_SEQUENCE);
        dirt.brokers.forEach(id -> paths.add(Znodes.broker(id)));
        dirt.configs.forEach(resource -> paths.add(Znodes.config(resource)));
        dirt.deletions.forEach(topic -> paths.add(Znodes.deleteTopic(topic)));
        topics.forEach(topic -> paths.add(Znodes.topic(topic)));
        dirt.states.forEach(id -> paths.add(Znodes.partitionState(id.topic(), id.partition())));
    }

    List<String> paths() {
        return paths;
    }

    /// The version of `/brokers/seqid` that was read beside brokers; negative where none was read.
    int registrations() {
        return registrations;
    }

    /// Whether what was read is not the cluster's whose image this is: the store was replaced, or has lost its data.
    ///
    /// @param nodes what was found at [#paths]
    boolean isOfAnotherCluster(ClusterImage image, List<Optional<StoredNode>> nodes) {
        if (!dirt.clusterId || image.clusterId().isEmpty()) return false;
        Optional<StoredNode> id = nodes.getFirst();
        return id.isEmpty()
                || (ClusterIdJson.parse(id.get().data()) instanceof Parsed.Good<String>(var found)
                        && !found.equals(image.clusterId()));
    }

    /// Whether all partitions of the topic are to be read.
    boolean isWhole(String topic) {
        return dirt.wholeTopics.contains(topic);
    }

    /// @param nodes what was found at [#paths]
    /// @param stale the topics of which all is to be read again: a state that was found may be of one made anew
    /// @param changes takes what is known at once
    /// @param topics takes the topics whose partitions' states are to be read next
    void interpret(
            ClusterImage image,
            List<Optional<StoredNode>> nodes,
            Set<String> stale,
            Consumer<MetadataChange> changes,
            Consumer<ImageReader.Assigned> topicsToRead) {
        Iterator<Optional<StoredNode>> next = nodes.iterator();
        if (dirt.clusterId) ImageReader.clusterId(next.next(), changes);
        if (dirt.controller) ImageReader.controller(image, next.next(), next.next(), changes);
        if (dirt.features) ImageReader.features(image, next.next(), changes);
        if (!dirt.brokers.isEmpty()) {
            next.next().ifPresent(node -> registrations = node.version());
        }
        for (int id : dirt.brokers) ImageReader.broker(image, id, next.next(), changes);
        for (ConfigResource resource : dirt.configs) ImageReader.config(image, resource, next.next(), changes);
        ClusterImage marked = interpretDeletions(image, next, changes);
        for (String topic : topics) {
            ImageReader.topic(marked, topic, next.next(), changes).ifPresent(topicsToRead);
        }
        Map<Bytes, Parsed<PartitionStateJson.State>> parsed = new HashMap<>();
        for (TopicPartition id : dirt.states) {
            Optional<StoredNode> state = next.next();
            if (!stale.contains(id.topic())) ImageFollower.partition(marked, id, state, parsed, changes);
        }
    }

    private ClusterImage interpretDeletions(
            ClusterImage image, Iterator<Optional<StoredNode>> next, Consumer<MetadataChange> changes) {
        List<MetadataChange> deletions = new ArrayList<>();
        for (String topic : dirt.deletions) ImageReader.deletion(image, topic, next.next(), deletions::add);
        ClusterImage marked = image;
        for (MetadataChange change : deletions) {
            marked = marked.with(change);
            changes.accept(change);
        }
        return marked;
    }
}
