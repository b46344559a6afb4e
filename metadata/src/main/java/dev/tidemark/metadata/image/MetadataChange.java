package dev.tidemark.metadata.image;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.List;

/// One change of the cluster's metadata: what the controller decides and writes, and what every broker learns.
/// Each carries its whole outcome, so that applying it twice does no harm.
public sealed interface MetadataChange {
    record ClusterIdentified(String clusterId) implements MetadataChange {}

    record ControllerChanged(ControllerImage controller) implements MetadataChange {}

    /// New, or a new incarnation or new endpoints of a known one.
    record BrokerRegistered(BrokerRegistration broker) implements MetadataChange {}

    record BrokerGone(int brokerId) implements MetadataChange {}

    record TopicCreated(TopicImage topic) implements MetadataChange {}

    /// `partitions` are appended to those that the topic has; the first of them gets index `firstPartition`.
    record PartitionsAdded(
            String topic,
            Uuid topicId,
            int firstPartition,
            List<PartitionRegistration> partitions,
            int assignmentVersion)
            implements MetadataChange {}

    /// Leader, ISR or replicas of one partition changed.
    record PartitionChanged(TopicPartition partition, Uuid topicId, PartitionRegistration registration)
            implements MetadataChange {}

    /// The topic's znode was written anew without a change in the number of partitions; the replicas follow as
    /// [PartitionChanged].
    record AssignmentVersionChanged(String topic, Uuid topicId, int assignmentVersion) implements MetadataChange {}

    /// The topic is gone; its dynamic configs go with it. Where `finished` is false some znodes are still there, and
    /// the name stays taken until [TopicDeletionFinished].
    record TopicDeleted(String topic, Uuid topicId, boolean finished) implements MetadataChange {}

    record TopicDeletionFinished(String topic) implements MetadataChange {}

    /// All dynamic configs of a resource; [ConfigImage#NONE] where there are none any more.
    record ConfigChanged(ConfigResource resource, ConfigImage config) implements MetadataChange {}

    record FeaturesChanged(FeaturesImage features) implements MetadataChange {}
}
