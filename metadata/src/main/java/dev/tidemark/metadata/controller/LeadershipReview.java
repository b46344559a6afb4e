package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the coming and going of brokers, of their disks, and of controllers, means for partitions.
final class LeadershipReview {
    private final ClusterImage image;
    private final LeaderElection election;
    private final Reassignments reassignments;
    private final PartitionEdits edits;
    private int lastResorts;
    private @Nullable String firstLastResort;

    LeadershipReview(ControllerSettings settings, ClusterImage image) {
        this.image = image;
        this.election = new LeaderElection(settings, image);
        this.reassignments = new Reassignments(election);
        this.edits = new PartitionEdits(image);
    }

    List<MetadataChange> all() {
        return review(_ -> true);
    }

    List<MetadataChange> brokerRegistered(int brokerId) {
        return review(partition -> partition.replicas().contains(brokerId));
    }

    List<MetadataChange> brokerGone(int brokerId) {
        return review(
                partition -> partition.leader() == brokerId || partition.isr().contains(brokerId));
    }

    List<MetadataChange> topicChanged(String name) {
        TopicImage topic = image.topics().byName().get(name);
        if (topic != null) review(topic, _ -> true);
        return edits.facts();
    }

    /// @param resources topics, or the default of all brokers; what is set for one broker is nothing to partitions
    List<MetadataChange> uncleanElectionsAllowed(List<ConfigResource> resources) {
        if (resources.contains(ConfigResource.DEFAULT_BROKER)) return review(partition -> !partition.hasLeader());
        for (ConfigResource resource : resources) {
            if (resource.type() == ConfigResource.Type.TOPIC) topicChanged(resource.name());
        }
        return edits.facts();
    }

    private List<MetadataChange> review(Predicate<PartitionRegistration> concerned) {
        for (TopicImage topic : image.topics().byName().values()) review(topic, concerned);
        return edits.facts();
    }

    private void review(TopicImage topic, Predicate<PartitionRegistration> concerned) {
        int index = 0;
        for (PartitionRegistration partition : topic.partitions()) {
            PartitionKey key = PartitionKey.of(topic, index++);
            if (!concerned.test(partition)) continue;
            PartitionRegistration led = election.review(key, partition).orElse(partition);
            PartitionRegistration after = reassignments.completed(key, led).orElse(led);
            if (!after.equals(partition)) change(key.id(), topic, after);
        }
    }

    private void change(TopicPartition id, TopicImage topic, PartitionRegistration after) {
        edits.change(id, after);
        if (!election.isLastResort(topic.name(), after)) return;
        lastResorts++;
        if (firstLastResort == null) firstLastResort = id + " by broker " + after.leader();
    }

    /// Tells of partitions that are led by a broker that may have lost records of them.
    List<Decision.Effect> warnings() {
        if (lastResorts == 0) return List.of();
        return List.of(new Decision.Effect.Warn(lastResorts + " partition(s) are led by the last in-sync replica, which"
                + " did not stop cleanly: what its disk had not got is lost. The first: " + firstLastResort));
    }
}
