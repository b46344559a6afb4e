package dev.tidemark.metadata.controller;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Changes of partitions that one decision makes. Where replicas change, each topic's znode is
/// written once, after the states: a new controller that finds only the states written goes on from
/// there.
final class PartitionEdits {
    private ClusterImage image;
    private final List<MetadataChange> facts = new ArrayList<>();
    private final SortedSet<String> reassigned = new TreeSet<>();

    PartitionEdits(ClusterImage image) {
        this.image = image;
    }

    /// The image with the changes so far.
    ClusterImage image() {
        return image;
    }

    /// However many steps led to it, it is one write: the partition's epoch is its znode's version.
    ///
    /// @return the partition as it will be
    PartitionRegistration change(TopicPartition id, PartitionRegistration wanted) {
        TopicImage topic = image.topics().topic(id.topic()).orElseThrow();
        PartitionRegistration before = topic.partition(id.partition()).orElseThrow();
        PartitionRegistration after = oneStepFrom(before, wanted);
        if (after.equals(before)) return before;
        MetadataChange fact = new MetadataChange.PartitionChanged(id, topic.id(), after);
        facts.add(fact);
        image = image.with(fact);
        if (!after.isAssignedAs(before)) reassigned.add(topic.name());
        return after;
    }

    private static PartitionRegistration oneStepFrom(PartitionRegistration before, PartitionRegistration wanted) {
        int leaderEpoch = Math.min(wanted.leaderEpoch(), before.leaderEpoch() + 1);
        int partitionEpoch = Math.min(wanted.partitionEpoch(), before.partitionEpoch() + 1);
        return wanted.withLeadership(wanted.leader(), leaderEpoch, wanted.isr(), partitionEpoch);
    }

    List<MetadataChange> facts() {
        List<MetadataChange> all = new ArrayList<>(facts);
        for (String name : reassigned) {
            TopicImage topic = image.topics().topic(name).orElseThrow();
            all.add(new MetadataChange.AssignmentVersionChanged(name, topic.id(), topic.assignmentVersion() + 1));
        }
        return List.copyOf(all);
    }
}
