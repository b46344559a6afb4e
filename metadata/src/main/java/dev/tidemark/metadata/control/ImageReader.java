package dev.tidemark.metadata.control;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.controller.TopicNames;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.FeaturesImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.metadata.json.BrokerJson;
import dev.tidemark.metadata.json.ClusterIdJson;
import dev.tidemark.metadata.json.ConfigJson;
import dev.tidemark.metadata.json.ControllerJson;
import dev.tidemark.metadata.json.FeatureJson;
import dev.tidemark.metadata.json.Parsed;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.TopicJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.StoredNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns znodes that were read into changes of the image. What cannot be understood is skipped with one line in the
/// log, and the image keeps what it knew. Does no reading itself.
final class ImageReader {
    private static final Logger LOG = LoggerFactory.getLogger(ImageReader.class);

    private ImageReader() {}

    /// A topic's znode, before the states of its partitions are known.
    record Assigned(String topic, int version, TopicJson.Assignment assignment) {}

    static void clusterId(Optional<StoredNode> node, Consumer<MetadataChange> changes) {
        node.flatMap(n -> good(Znodes.CLUSTER_ID, ClusterIdJson.parse(n.data())))
                .ifPresent(id -> changes.accept(new MetadataChange.ClusterIdentified(id)));
    }

    static void controller(
            ClusterImage image,
            Optional<StoredNode> node,
            Optional<StoredNode> epochNode,
            Consumer<MetadataChange> changes) {
        ControllerJson.Controller controller = node.flatMap(
                        n -> good(Znodes.CONTROLLER, ControllerJson.parse(n.data())))
                .orElse(new ControllerJson.Controller(ControllerImage.NONE, new TreeMap<>()));
        int epoch = epochNode
                .flatMap(n -> good(Znodes.CONTROLLER_EPOCH, ControllerJson.parseEpoch(n.data())))
                .orElse(image.controller().epoch());
        int version =
                epochNode.map(StoredNode::version).orElse(image.controller().epochVersion());
        ControllerImage now =
                new ControllerImage(controller.brokerId(), epoch, version, TreePMap.from(controller.seen()));
        if (!now.equals(image.controller())) changes.accept(new MetadataChange.ControllerChanged(now));
    }

    static void broker(ClusterImage image, int id, Optional<StoredNode> node, Consumer<MetadataChange> changes) {
        if (node.isEmpty()) {
            if (image.isAlive(id)) changes.accept(new MetadataChange.BrokerGone(id));
            return;
        }
        long epoch = node.get().stat().czxid();
        good(Znodes.broker(id), BrokerJson.parse(id, epoch, node.get().data()))
                .filter(broker -> !broker.equals(image.brokers().get(id)))
                .ifPresent(broker -> changes.accept(new MetadataChange.BrokerRegistered(broker)));
    }

    static void config(
            ClusterImage image, ConfigResource resource, Optional<StoredNode> node, Consumer<MetadataChange> changes) {
        ConfigImage before = image.configs().of(resource);
        if (node.isEmpty()) {
            if (before.exists()) changes.accept(new MetadataChange.ConfigChanged(resource, ConfigImage.NONE));
            return;
        }
        int version = node.get().version();
        good(Znodes.config(resource), ConfigJson.parse(node.get().data()))
                .map(entries -> new ConfigImage(TreePMap.from(entries), version))
                .filter(config -> !config.equals(before))
                .ifPresent(config -> changes.accept(new MetadataChange.ConfigChanged(resource, config)));
    }

    static void features(ClusterImage image, Optional<StoredNode> node, Consumer<MetadataChange> changes) {
        if (node.isEmpty()) return;
        int version = node.get().version();
        good(Znodes.FEATURE, FeatureJson.parse(node.get().data()))
                .map(finalized -> new FeaturesImage(TreePMap.from(finalized), version))
                .filter(features -> !features.equals(image.features()))
                .ifPresent(features -> changes.accept(new MetadataChange.FeaturesChanged(features)));
    }

    /// A topic that is marked is gone for everybody, whatever znodes it has left.
    static void deletion(
            ClusterImage image, String topic, Optional<StoredNode> marker, Consumer<MetadataChange> changes) {
        if (marker.isEmpty()) {
            if (image.topics().isDeleting(topic)) changes.accept(new MetadataChange.TopicDeletionFinished(topic));
            return;
        }
        if (image.topics().isDeleting(topic) || !isTopicName(Znodes.deleteTopic(topic), topic)) return;
        var id = image.topics().topic(topic).map(TopicImage::id).orElse(dev.tidemark.base.Uuid.ZERO);
        changes.accept(new MetadataChange.TopicDeleted(topic, id, false));
    }

    /// Empty where the znode is not there or not understood; then `changes` has got what follows from that.
    static Optional<Assigned> topic(
            ClusterImage image, String topic, Optional<StoredNode> node, Consumer<MetadataChange> changes) {
        if (image.topics().isDeleting(topic)) return Optional.empty();
        String path = Znodes.topic(topic);
        if (node.isEmpty()) {
            image.topics()
                    .topic(topic)
                    .ifPresent(gone -> changes.accept(new MetadataChange.TopicDeleted(topic, gone.id(), true)));
            return Optional.empty();
        }
        if (!isTopicName(path, topic)) return Optional.empty();
        int version = node.get().version();
        return good(path, TopicJson.parse(node.get().data())).flatMap(assignment -> {
            if (assignment.id().isPresent()) return Optional.of(new Assigned(topic, version, assignment));
            LOG.error("Skipping znode {}: it has no topic_id (written by a Kafka before 2.8?)", path);
            return Optional.empty();
        });
    }

    /// The topic with its partitions' states, or with what the image knows of a state that was not read.
    ///
    /// @param firstRead the partition that `states` begin with
    static TopicImage assemble(
            Assigned assigned, @Nullable TopicImage known, int firstRead, List<Optional<StoredNode>> states) {
        List<PartitionRegistration> partitions = new ArrayList<>();
        // Ten thousand partitions have few different states.
        Map<Bytes, Parsed<PartitionStateJson.State>> parsed = new HashMap<>();
        int index = 0;
        for (PartitionRegistration replicas : assigned.assignment().partitions()) {
            PartitionRegistration before =
                    known == null ? null : known.partition(index).orElse(null);
            PartitionRegistration led = before == null ? replicas : before.withAssignment(replicas);
            if (index >= firstRead) {
                TopicPartition id = new TopicPartition(assigned.topic(), index);
                led = state(id, led, states.get(index - firstRead), parsed);
            }
            partitions.add(led);
            index++;
        }
        return new TopicImage(
                assigned.topic(),
                assigned.assignment().id().orElseThrow(),
                TreePVector.from(partitions),
                assigned.version());
    }

    /// A state older than what is known changes nothing: it was read before a write of our own was answered.
    ///
    /// @param parsed remembers what was parsed already
    static PartitionRegistration state(
            TopicPartition id,
            PartitionRegistration known,
            Optional<StoredNode> node,
            Map<Bytes, Parsed<PartitionStateJson.State>> parsed) {
        if (node.isEmpty() || node.get().version() <= known.partitionEpoch()) return known;
        int version = node.get().version();
        Parsed<PartitionStateJson.State> state =
                parsed.computeIfAbsent(node.get().data(), PartitionStateJson::parse);
        if (state instanceof Parsed.Good<PartitionStateJson.State>(var now)) {
            return known.withLeadership(now.leader(), now.leaderEpoch(), now.isr(), version);
        }
        var _ = good(Znodes.partitionState(id.topic(), id.partition()), state);
        // Offline until somebody repairs it. No leader epoch was ever above the number of writes.
        int leaderEpoch = Math.max(known.leaderEpoch(), version);
        return known.withLeadership(PartitionRegistration.NO_LEADER, leaderEpoch, known.isr(), version);
    }

    /// What leads from one state of a topic to another.
    static void difference(@Nullable TopicImage before, TopicImage after, Consumer<MetadataChange> changes) {
        if (before == null || !before.id().equals(after.id())) {
            if (before != null) changes.accept(new MetadataChange.TopicDeleted(before.name(), before.id(), true));
            changes.accept(new MetadataChange.TopicCreated(after));
            return;
        }
        if (after.partitionCount() < before.partitionCount()) {
            LOG.error(
                    "Skipping znode {}: it has {} partitions, fewer than the {} of before",
                    Znodes.topic(after.name()),
                    after.partitionCount(),
                    before.partitionCount());
            return;
        }
        if (after.partitionCount() > before.partitionCount()) {
            int first = before.partitionCount();
            changes.accept(new MetadataChange.PartitionsAdded(
                    after.name(),
                    after.id(),
                    first,
                    List.copyOf(after.partitions().subList(first, after.partitionCount())),
                    after.assignmentVersion()));
        } else if (after.assignmentVersion() != before.assignmentVersion()) {
            changes.accept(
                    new MetadataChange.AssignmentVersionChanged(after.name(), after.id(), after.assignmentVersion()));
        }
        for (int p = 0; p < before.partitionCount(); p++) {
            PartitionRegistration now = after.partitions().get(p);
            if (now.equals(before.partitions().get(p))) continue;
            changes.accept(new MetadataChange.PartitionChanged(new TopicPartition(after.name(), p), after.id(), now));
        }
    }

    private static boolean isTopicName(String path, String name) {
        Optional<String> refusal = TopicNames.refusal(name);
        refusal.ifPresent(why -> LOG.error("Skipping znode {}: {}", printable(path), why));
        return refusal.isEmpty();
    }

    private static <T> Optional<T> good(String path, Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Good<T>(var value) -> Optional.of(value);
            case Parsed.Bad<T>(var why) -> {
                LOG.error("Skipping znode {}: {}", printable(path), why);
                yield Optional.empty();
            }
        };
    }

    private static String printable(String path) {
        String shown = path.length() <= 300 ? path : path.substring(0, 300) + "…";
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
