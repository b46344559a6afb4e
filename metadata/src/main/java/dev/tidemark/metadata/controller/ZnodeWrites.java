package dev.tidemark.metadata.controller;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Check;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.metadata.json.ConfigJson;
import dev.tidemark.metadata.json.FeatureJson;
import dev.tidemark.metadata.json.PartitionStateJson;
import dev.tidemark.metadata.json.TopicJson;
import dev.tidemark.metadata.json.Znodes;
import dev.tidemark.metadata.store.StoreOp;
import java.util.ArrayList;
import java.util.List;

/// A fact as operations on znodes, each with the version that the deciding image knew.
///
/// The result is a list of units: a unit must not be torn, but units of one fact may go in several multis, in order.
/// For a topic that is the order that matters after a crash: the topic's znode comes first, and partitions whose
/// state is missing get one from the next controller.
public final class ZnodeWrites {
    private ZnodeWrites() {}

    /// Operations that belong in one multi.
    public record Unit(List<StoreOp> ops) {}

    /// @param before the image that the fact is about to change
    public static List<Unit> of(ClusterImage before, MetadataChange fact, int controllerEpoch) {
        return switch (fact) {
            case MetadataChange.TopicCreated(var topic) -> createTopic(topic, controllerEpoch);
            case MetadataChange.PartitionsAdded added -> addPartitions(before, added, controllerEpoch);
            case MetadataChange.PartitionChanged changed -> List.of(changePartition(before, changed, controllerEpoch));
            case MetadataChange.TopicDeleted deleted -> List.of(deleteTopic(before, deleted));
            case MetadataChange.TopicDeletionFinished(var topic) ->
                List.of(new Unit(List.of(StoreOp.delete(Znodes.deleteTopic(topic), StoreOp.ANY_VERSION))));
            case MetadataChange.ConfigChanged(var resource, var config) ->
                List.of(changeConfig(before, resource, config));
            case MetadataChange.FeaturesChanged(var features) ->
                List.of(new Unit(List.of(
                        createOrSet(Znodes.FEATURE, FeatureJson.write(features.finalized()), features.epoch() - 1))));
            case MetadataChange.AssignmentVersionChanged changed -> List.of(changeAssignment(before, changed));
            case MetadataChange.BrokerRegistered _ -> List.of(); // The broker writes its znode itself.
            case MetadataChange.ClusterIdentified _, MetadataChange.ControllerChanged _, MetadataChange.BrokerGone _ ->
                throw Check.failed("not the controller's to write: " + fact);
        };
    }

    private static List<Unit> createTopic(TopicImage topic, int controllerEpoch) {
        List<Unit> units = new ArrayList<>(topic.partitionCount() + 1);
        String name = topic.name();
        units.add(new Unit(List.of(
                StoreOp.create(Znodes.topic(name), TopicJson.write(topic.id(), topic.partitions())),
                StoreOp.create(Znodes.partitions(name), Bytes.EMPTY))));
        int index = 0;
        for (PartitionRegistration partition : topic.partitions()) {
            units.add(new Unit(createState(name, index++, partition, controllerEpoch)));
        }
        return units;
    }

    private static List<Unit> addPartitions(
            ClusterImage before, MetadataChange.PartitionsAdded added, int controllerEpoch) {
        TopicImage topic = topicOf(before, added.topic());
        List<PartitionRegistration> all = new ArrayList<>(topic.partitions());
        all.addAll(added.partitions());
        List<Unit> units = new ArrayList<>(added.partitions().size() + 1);
        units.add(new Unit(List.of(
                StoreOp.set(Znodes.topic(topic.name()), TopicJson.write(topic.id(), all), topic.assignmentVersion()))));
        int index = added.firstPartition();
        for (PartitionRegistration partition : added.partitions()) {
            units.add(new Unit(createState(topic.name(), index++, partition, controllerEpoch)));
        }
        return units;
    }

    private static Unit changePartition(
            ClusterImage before, MetadataChange.PartitionChanged changed, int controllerEpoch) {
        TopicPartition id = changed.partition();
        TopicImage topic = topicOf(before, id.topic());
        PartitionRegistration known = topic.partitions().get(id.partition());
        if (known.partitionEpoch() != PartitionRegistration.NO_EPOCH) {
            if (changed.registration().partitionEpoch() == known.partitionEpoch()) {
                return new Unit(List.of()); // Other replicas under the same leadership: the topic's znode has them.
            }
            Bytes state = PartitionStateJson.write(changed.registration(), controllerEpoch);
            String path = Znodes.partitionState(id.topic(), id.partition());
            return new Unit(List.of(StoreOp.set(path, state, known.partitionEpoch())));
        }
        List<StoreOp> ops = new ArrayList<>();
        boolean firstOfTopic =
                topic.partitions().stream().allMatch(p -> p.partitionEpoch() == PartitionRegistration.NO_EPOCH);
        if (firstOfTopic) ops.add(StoreOp.create(Znodes.partitions(id.topic()), Bytes.EMPTY));
        ops.addAll(createState(id.topic(), id.partition(), changed.registration(), controllerEpoch));
        return new Unit(List.copyOf(ops));
    }

    /// The replicas as the image has them by now.
    private static Unit changeAssignment(ClusterImage before, MetadataChange.AssignmentVersionChanged changed) {
        TopicImage topic = topicOf(before, changed.topic());
        Bytes assignment = TopicJson.write(topic.id(), topic.partitions());
        return new Unit(List.of(StoreOp.set(Znodes.topic(topic.name()), assignment, topic.assignmentVersion())));
    }

    private static List<StoreOp> createState(
            String topic, int index, PartitionRegistration partition, int controllerEpoch) {
        return List.of(
                StoreOp.create(Znodes.partition(topic, index), Bytes.EMPTY),
                StoreOp.create(
                        Znodes.partitionState(topic, index), PartitionStateJson.write(partition, controllerEpoch)));
    }

    private static Unit deleteTopic(ClusterImage before, MetadataChange.TopicDeleted deleted) {
        String name = deleted.topic();
        if (!deleted.finished()) {
            return new Unit(List.of(StoreOp.create(Znodes.deleteTopic(name), Bytes.EMPTY)));
        }
        TopicImage topic = topicOf(before, name);
        List<StoreOp> ops = new ArrayList<>(2 * topic.partitionCount() + 3);
        int index = 0;
        boolean anyState = false;
        for (PartitionRegistration partition : topic.partitions()) {
            if (partition.partitionEpoch() != PartitionRegistration.NO_EPOCH) {
                anyState = true;
                ops.add(StoreOp.delete(Znodes.partitionState(name, index), StoreOp.ANY_VERSION));
                ops.add(StoreOp.delete(Znodes.partition(name, index), StoreOp.ANY_VERSION));
            }
            index++;
        }
        if (anyState) ops.add(StoreOp.delete(Znodes.partitions(name), StoreOp.ANY_VERSION));
        ops.add(StoreOp.delete(Znodes.topic(name), topic.assignmentVersion()));
        ConfigResource resource = ConfigResource.topic(name);
        if (before.configs().of(resource).exists()) {
            ops.add(StoreOp.delete(Znodes.config(resource), StoreOp.ANY_VERSION));
        }
        return new Unit(List.copyOf(ops));
    }

    private static Unit changeConfig(ClusterImage before, ConfigResource resource, ConfigImage config) {
        int known = before.configs().of(resource).nodeVersion();
        String path = Znodes.config(resource);
        StoreOp op = config.exists()
                ? createOrSet(path, ConfigJson.write(config.entries()), known)
                : StoreOp.delete(path, known);
        return new Unit(List.of(op));
    }

    /// @param knownVersion negative where the node is not there
    private static StoreOp createOrSet(String path, Bytes data, int knownVersion) {
        return knownVersion < 0 ? StoreOp.create(path, data) : StoreOp.set(path, data, knownVersion);
    }

    private static TopicImage topicOf(ClusterImage image, String name) {
        TopicImage topic = image.topics().byName().get(name);
        if (topic == null) throw Check.failed("a fact about a topic that is not there: " + name);
        return topic;
    }
}
