package dev.tidemark.metadata.image;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/// All topics, by name and by id.
///
/// `deleting` holds the names whose deletion has begun but whose znodes are not all gone: such a topic is no longer in
/// `byName`, and its name cannot be used yet.
public record TopicsImage(
        PSortedMap<String, TopicImage> byName, PMap<Uuid, String> nameById, PSet<String> deleting, int partitionCount) {

    public static final TopicsImage EMPTY =
            new TopicsImage(TreePMap.<String, TopicImage>empty(), HashTreePMap.empty(), HashTreePSet.empty(), 0);

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Optional<TopicImage> topic(Uuid id) {
        String name = nameById.get(id);
        return name == null ? Optional.empty() : topic(name);
    }

    public Optional<PartitionRegistration> partition(TopicPartition partition) {
        return topic(partition.topic()).flatMap(topic -> topic.partition(partition.partition()));
    }

    public boolean isDeleting(String name) {
        return deleting.contains(name);
    }

    TopicsImage plus(TopicImage topic) {
        TopicsImage rest = minus(topic.name());
        return new TopicsImage(
                rest.byName.plus(topic.name(), topic),
                rest.nameById.plus(topic.id(), topic.name()),
                deleting,
                rest.partitionCount + topic.partitionCount());
    }

    /// Replaces a topic by a later state of itself.
    TopicsImage with(TopicImage topic) {
        TopicImage before = byName.get(topic.name());
        if (before == null || !before.id().equals(topic.id())) return plus(topic);
        return new TopicsImage(
                byName.plus(topic.name(), topic),
                nameById,
                deleting,
                partitionCount + topic.partitionCount() - before.partitionCount());
    }

    TopicsImage minus(String name) {
        TopicImage topic = byName.get(name);
        if (topic == null) return this;
        return new TopicsImage(
                byName.minus(name), nameById.minus(topic.id()), deleting, partitionCount - topic.partitionCount());
    }

    TopicsImage withDeleting(PSet<String> newDeleting) {
        return new TopicsImage(byName, nameById, newDeleting, partitionCount);
    }
}
