package dev.tidemark.metadata.image;

import dev.tidemark.base.Uuid;
import java.util.Optional;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/// A topic and its partitions; partition n is element n.
///
/// @param assignmentVersion the version of the topic's znode, which holds the replicas of all its partitions
public record TopicImage(String name, Uuid id, PVector<PartitionRegistration> partitions, int assignmentVersion) {

    public int partitionCount() {
        return partitions.size();
    }

    public Optional<PartitionRegistration> partition(int index) {
        return index >= 0 && index < partitions.size() ? Optional.of(partitions.get(index)) : Optional.empty();
    }

    public TopicImage withPartition(int index, PartitionRegistration partition) {
        return new TopicImage(name, id, partitions.with(index, partition), assignmentVersion);
    }

    public TopicImage withPartitions(java.util.List<PartitionRegistration> all, int newAssignmentVersion) {
        return new TopicImage(name, id, TreePVector.from(all), newAssignmentVersion);
    }
}
