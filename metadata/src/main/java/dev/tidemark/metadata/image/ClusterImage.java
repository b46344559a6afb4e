package dev.tidemark.metadata.image;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.MetadataChange.AssignmentVersionChanged;
import dev.tidemark.metadata.image.MetadataChange.BrokerGone;
import dev.tidemark.metadata.image.MetadataChange.BrokerRegistered;
import dev.tidemark.metadata.image.MetadataChange.ClusterIdentified;
import dev.tidemark.metadata.image.MetadataChange.ConfigChanged;
import dev.tidemark.metadata.image.MetadataChange.ControllerChanged;
import dev.tidemark.metadata.image.MetadataChange.FeaturesChanged;
import dev.tidemark.metadata.image.MetadataChange.PartitionChanged;
import dev.tidemark.metadata.image.MetadataChange.PartitionsAdded;
import dev.tidemark.metadata.image.MetadataChange.TopicCreated;
import dev.tidemark.metadata.image.MetadataChange.TopicDeleted;
import dev.tidemark.metadata.image.MetadataChange.TopicDeletionFinished;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// Everything that the cluster agrees on, at one moment. Immutable: a change shares all that it does not touch, and
/// readers keep the image that they began with.
///
/// `version` counts the deltas that this process has applied; it says nothing about other brokers' images.
public record ClusterImage(
        long version,
        String clusterId,
        ControllerImage controller,
        PSortedMap<Integer, BrokerRegistration> brokers,
        TopicsImage topics,
        ConfigsImage configs,
        FeaturesImage features) {

    public static final ClusterImage EMPTY = new ClusterImage(
            0,
            "",
            ControllerImage.NOBODY,
            TreePMap.<Integer, BrokerRegistration>empty(),
            TopicsImage.EMPTY,
            ConfigsImage.EMPTY,
            FeaturesImage.NONE);

    public Optional<BrokerRegistration> broker(int id) {
        return Optional.ofNullable(brokers.get(id));
    }

    public boolean isAlive(int brokerId) {
        return brokers.containsKey(brokerId);
    }

    /// Whether a broker's replica of a partition can work, as far as the cluster knows: the broker is alive, and the
    /// replica's log directory has not failed.
    public boolean isOnline(int brokerId, Uuid topicId, int partition) {
        BrokerRegistration broker = brokers.get(brokerId);
        return broker != null && !broker.isOffline(topicId, partition);
    }

    /// The image after all changes of `delta`, with the next version; this image itself where there are none.
    public ClusterImage apply(MetadataDelta delta) {
        if (delta.isEmpty()) return this;
        ClusterImage image = this;
        for (MetadataChange change : delta.changes()) image = image.with(change);
        return new ClusterImage(
                version + 1,
                image.clusterId,
                image.controller,
                image.brokers,
                image.topics,
                image.configs,
                image.features);
    }

    /// The image after one change, under the same version. A change of something that is not there is no change.
    public ClusterImage with(MetadataChange change) {
        return switch (change) {
            case ClusterIdentified(var id) ->
                new ClusterImage(version, id, controller, brokers, topics, configs, features);
            case ControllerChanged(var now) ->
                new ClusterImage(version, clusterId, now, brokers, topics, configs, features);
            case BrokerRegistered(var broker) -> withBrokers(brokers.plus(broker.id(), broker));
            case BrokerGone(var id) -> withBrokers(brokers.minus(id));
            case TopicCreated(var topic) -> withTopics(topics.plus(topic));
            case PartitionsAdded added -> withTopics(addPartitions(added));
            case PartitionChanged changed -> withTopics(changePartition(changed));
            case AssignmentVersionChanged changed -> withTopics(changeAssignmentVersion(changed));
            case TopicDeleted deleted -> delete(deleted);
            case TopicDeletionFinished(var name) ->
                withTopics(topics.withDeleting(topics.deleting().minus(name)));
            case ConfigChanged(var resource, var config) -> withConfigs(configs.with(resource, config));
            case FeaturesChanged(var now) ->
                new ClusterImage(version, clusterId, controller, brokers, topics, configs, now);
        };
    }

    private TopicsImage addPartitions(PartitionsAdded added) {
        TopicImage topic = topics.byName().get(added.topic());
        if (topic == null || !topic.id().equals(added.topicId())) return topics;
        List<PartitionRegistration> all = new ArrayList<>(
                topic.partitions().subList(0, Math.min(added.firstPartition(), topic.partitionCount())));
        all.addAll(added.partitions());
        return topics.with(topic.withPartitions(all, added.assignmentVersion()));
    }

    private TopicsImage changePartition(PartitionChanged changed) {
        TopicImage topic = topics.byName().get(changed.partition().topic());
        int index = changed.partition().partition();
        if (topic == null || !topic.id().equals(changed.topicId())) return topics;
        if (index < 0 || index >= topic.partitionCount()) return topics;
        return topics.with(topic.withPartition(index, changed.registration()));
    }

    private TopicsImage changeAssignmentVersion(AssignmentVersionChanged changed) {
        TopicImage topic = topics.byName().get(changed.topic());
        if (topic == null || !topic.id().equals(changed.topicId())) return topics;
        return topics.with(new TopicImage(topic.name(), topic.id(), topic.partitions(), changed.assignmentVersion()));
    }

    private ClusterImage delete(TopicDeleted deleted) {
        TopicImage topic = topics.byName().get(deleted.topic());
        if (topic != null && !topic.id().equals(deleted.topicId())) return this;
        TopicsImage rest = topics.minus(deleted.topic());
        if (!deleted.finished()) rest = rest.withDeleting(rest.deleting().plus(deleted.topic()));
        return withTopics(rest).withConfigs(configs.with(ConfigResource.topic(deleted.topic()), ConfigImage.NONE));
    }

    private ClusterImage withBrokers(PSortedMap<Integer, BrokerRegistration> now) {
        return new ClusterImage(version, clusterId, controller, now, topics, configs, features);
    }

    private ClusterImage withTopics(TopicsImage now) {
        return new ClusterImage(version, clusterId, controller, brokers, now, configs, features);
    }

    private ClusterImage withConfigs(ConfigsImage now) {
        return new ClusterImage(version, clusterId, controller, brokers, topics, now, features);
    }
}
