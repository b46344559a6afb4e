package dev.tidemark.broker.control;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.group.ImageMetadataView;
import dev.tidemark.coordinator.group.GroupCoordinator;
import dev.tidemark.metadata.control.MetadataListener;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// Brings each change of the cluster's metadata to those in the broker whom it concerns, in an order that each may
/// rely on: configs before logs, the image before leaderships.
///
/// Owner: the control plane's serial.
public final class MetadataApplier implements MetadataListener {
    private final ClusterView cluster;
    private final BrokerConfiguration configuration;
    private final ReplicaLifecycle replicas;
    private final GroupCoordinator groups;
    private final AtomicReference<ImageMetadataView> topicsForGroups;
    private final Runnable onBrokerConfigChange;
    private boolean isLoaded;

    /// @param topicsForGroups is kept at the newest view of the topics
    /// @param onBrokerConfigChange what else must look at the broker's configs again
    public MetadataApplier(
            ClusterView cluster,
            BrokerConfiguration configuration,
            ReplicaLifecycle replicas,
            GroupCoordinator groups,
            AtomicReference<ImageMetadataView> topicsForGroups,
            Runnable onBrokerConfigChange) {
        this.cluster = cluster;
        this.configuration = configuration;
        this.replicas = replicas;
        this.groups = groups;
        this.topicsForGroups = topicsForGroups;
        this.onBrokerConfigChange = onBrokerConfigChange;
    }

    @Override
    public void onDelta(ClusterImage before, ClusterImage after, MetadataDelta delta) {
        boolean brokerConfigsChanged = configuration.onChange(after.configs());
        cluster.show(after);
        if (delta.changes().stream().anyMatch(MetadataApplier::concernsGroups)) {
            topicsForGroups.set(new ImageMetadataView(after, after.version()));
        }
        if (!isLoaded) {
            isLoaded = true; // The replicas of the first image come up when the log directories are loaded.
            if (brokerConfigsChanged) onBrokerConfigChange.run();
            return;
        }
        replicas.onDelta(after, delta);
        tellConfigs(delta, brokerConfigsChanged);
        tellDeletions(delta);
    }

    private static boolean concernsGroups(MetadataChange change) {
        return switch (change) {
            case MetadataChange.TopicCreated _,
                    MetadataChange.PartitionsAdded _,
                    MetadataChange.TopicDeleted _,
                    MetadataChange.PartitionChanged _,
                    MetadataChange.BrokerRegistered _,
                    MetadataChange.BrokerGone _ -> true;
            case MetadataChange.ClusterIdentified _,
                    MetadataChange.ControllerChanged _,
                    MetadataChange.AssignmentVersionChanged _,
                    MetadataChange.TopicDeletionFinished _,
                    MetadataChange.ConfigChanged _,
                    MetadataChange.FeaturesChanged _ -> false;
        };
    }

    private void tellConfigs(MetadataDelta delta, boolean brokerConfigsChanged) {
        if (brokerConfigsChanged) {
            onBrokerConfigChange.run();
            replicas.onBrokerConfigChange();
            return;
        }
        for (MetadataChange change : delta.changes()) {
            if (change instanceof MetadataChange.ConfigChanged(ConfigResource resource, var _)
                    && resource.type() == ConfigResource.Type.TOPIC) {
                replicas.onTopicConfigChange(resource.name());
            }
        }
    }

    private void tellDeletions(MetadataDelta delta) {
        List<String> deleted = new ArrayList<>();
        for (MetadataChange change : delta.changes()) {
            if (change instanceof MetadataChange.TopicDeleted topic) deleted.add(topic.topic());
        }
        if (!deleted.isEmpty()) groups.onTopicsDeleted(deleted);
    }
}
