package dev.tidemark.broker.group;

import dev.tidemark.base.Uuid;
import dev.tidemark.coordinator.group.MetadataView;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The topics of a cluster image, as groups look at them.
///
/// @param version grows with every change of topics, and only then
public record ImageMetadataView(ClusterImage image, long version) implements MetadataView {
    @Override
    public @Nullable Topic topic(String name) {
        return image.topics().topic(name).map(this::topic).orElse(null);
    }

    @Override
    public @Nullable Topic topic(Uuid id) {
        return image.topics().topic(id).map(this::topic).orElse(null);
    }

    @Override
    public Collection<String> topicNames() {
        return image.topics().byName().keySet();
    }

    private Topic topic(TopicImage topic) {
        boolean hasRacks = image.brokers().values().stream().anyMatch(broker -> broker.rack() != null);
        return hasRacks
                ? new Topic(topic.id(), topic.name(), topic.partitionCount(), racks(topic))
                : new Topic(topic.id(), topic.name(), topic.partitionCount());
    }

    private List<List<String>> racks(TopicImage topic) {
        List<List<String>> racks = new ArrayList<>(topic.partitionCount());
        for (PartitionRegistration partition : topic.partitions()) {
            racks.add(partition.replicas().stream()
                    .map(image.brokers()::get)
                    .filter(Objects::nonNull)
                    .map(BrokerRegistration::rack)
                    .filter(Objects::nonNull)
                    .sorted()
                    .distinct()
                    .toList());
        }
        return racks;
    }
}
