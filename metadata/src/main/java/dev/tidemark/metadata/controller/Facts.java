package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.List;

/// Whether what was to be written is there: the answer to a lost answer.
public final class Facts {
    private Facts() {}

    public static boolean allHoldIn(ClusterImage image, List<MetadataChange> facts) {
        return facts.stream().allMatch(fact -> holdsIn(image, fact));
    }

    private static boolean holdsIn(ClusterImage image, MetadataChange fact) {
        return switch (fact) {
            case MetadataChange.TopicCreated(var topic) ->
                image.topics().topic(topic.id()).filter(Facts::isComplete).isPresent();
            case MetadataChange.PartitionsAdded added ->
                image.topics()
                        .topic(added.topicId())
                        .filter(topic -> topic.partitionCount()
                                == added.firstPartition() + added.partitions().size())
                        .filter(Facts::isComplete)
                        .isPresent();
            case MetadataChange.PartitionChanged(var id, var topicId, var after) ->
                image.topics()
                        .topic(topicId)
                        .flatMap(topic -> topic.partition(id.partition()))
                        .filter(after::equals)
                        .isPresent();
            case MetadataChange.TopicDeleted deleted ->
                image.topics().topic(deleted.topicId()).isEmpty();
            case MetadataChange.TopicDeletionFinished(var topic) ->
                !image.topics().isDeleting(topic);
            case MetadataChange.ConfigChanged(var resource, var config) ->
                image.configs().of(resource).equals(config);
            case MetadataChange.FeaturesChanged(var features) ->
                image.features().equals(features);
            case MetadataChange.ClusterIdentified _,
                    MetadataChange.ControllerChanged _,
                    MetadataChange.BrokerRegistered _,
                    MetadataChange.BrokerGone _,
                    MetadataChange.AssignmentVersionChanged _ -> image.equals(image.with(fact));
        };
    }

    private static boolean isComplete(TopicImage topic) {
        return topic.partitions().stream().noneMatch(p -> p.partitionEpoch() == PartitionRegistration.NO_EPOCH);
    }
}
