package dev.tidemark.coordinator.group;

import dev.tidemark.base.Uuid;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// What groups need to know of the cluster's topics: one immutable version of it, made by the broker from its
/// cluster image. Look-ups are constant or logarithmic in time.
public interface MetadataView {
    /// A topic that exists. `racks` has one entry per partition, the racks of its replicas sorted; empty where no
    /// broker has a rack.
    record Topic(Uuid id, String name, int partitions, java.util.List<java.util.List<String>> racks) {
        public Topic(Uuid id, String name, int partitions) {
            this(id, name, partitions, java.util.List.of());
        }
    }

    /// Grows with every change of topics, and only then. Two views with one version tell the same.
    long version();

    @Nullable
    Topic topic(String name);

    @Nullable
    Topic topic(Uuid id);

    /// The names of all topics, without a copy being made. (Walked off the serials, to resolve regular
    /// expressions.)
    Collection<String> topicNames();
}
