package dev.tidemark.broker.control;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.partition.ReplicaListener;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes, leads, and removes this broker's replicas as the metadata says.
///
/// Changes come in order, from the control plane's serial, and are carried out in that order on `executor`, which runs
/// one task at a time and may block on the disk.
public final class ReplicaLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLifecycle.class);

    private final int nodeId;
    private final Partitions partitions;
    private final Supplier<List<LogDirectory>> directories;
    private final Function<String, LogConfig> configOf;
    private final IntFunction<Loop> loops;
    private final List<LeadershipListener> listeners;
    private final FollowingListener followingListener;
    private final ReplicaListener replicaListener;
    private final Executor executor;
    private boolean mayLead;

    /// @param directories the log directories, which are open by the time of [#onLoaded]
    /// @param configOf the log settings of a topic, by its name, as they are now
    /// @param loops a loop by any number: the numbers of partitions spread the work
    /// @param executor one task at a time, in order
    public ReplicaLifecycle(
            int nodeId,
            Partitions partitions,
            Supplier<List<LogDirectory>> directories,
            Function<String, LogConfig> configOf,
            IntFunction<Loop> loops,
            List<LeadershipListener> listeners,
            FollowingListener followingListener,
            ReplicaListener replicaListener,
            Executor executor) {
        this.nodeId = nodeId;
        this.partitions = partitions;
        this.directories = directories;
        this.configOf = configOf;
        this.loops = loops;
        this.listeners = listeners;
        this.followingListener = followingListener;
        this.replicaListener = replicaListener;
        this.executor = executor;
    }

    /// Opens every replica that the image assigns here; afterwards runs `done`. Nothing is led yet.
    public void onLoaded(ClusterImage image, Runnable done) {
        executor.execute(() -> {
            for (TopicImage topic : image.topics().byName().values()) bringUp(topic);
            reportStrays(image);
            done.run();
        });
    }

    /// The cluster knows this incarnation of the broker, so that what the image says of leaders is meant for it: from
    /// now on it leads. Afterwards runs `done`.
    public void onRegistered(ClusterImage image, Runnable done) {
        executor.execute(() -> {
            mayLead = true;
            for (TopicImage topic : image.topics().byName().values()) bringUp(topic);
            done.run();
        });
    }

    /// Carries out what `delta` means for this broker's replicas.
    public void onDelta(ClusterImage after, MetadataDelta delta) {
        Set<String> touched = new LinkedHashSet<>();
        for (MetadataChange change : delta.changes()) {
            switch (change) {
                case MetadataChange.TopicCreated(var topic) -> touched.add(topic.name());
                case MetadataChange.PartitionsAdded added -> touched.add(added.topic());
                case MetadataChange.PartitionChanged changed ->
                    touched.add(changed.partition().topic());
                case MetadataChange.TopicDeleted deleted ->
                    executor.execute(() -> remove(deleted.topic(), deleted.topicId()));
                case MetadataChange.ClusterIdentified _,
                        MetadataChange.ControllerChanged _,
                        MetadataChange.BrokerRegistered _,
                        MetadataChange.BrokerGone _,
                        MetadataChange.AssignmentVersionChanged _,
                        MetadataChange.TopicDeletionFinished _,
                        MetadataChange.ConfigChanged _,
                        MetadataChange.FeaturesChanged _ -> {}
            }
        }
        for (String name : touched) {
            after.topics().topic(name).ifPresent(topic -> executor.execute(() -> bringUp(topic)));
        }
    }

    /// Opens what could not be made while no log directory was online.
    ///
    /// @param image asked when its turn comes, so that nothing comes back that was deleted before
    public void onDirectoryOnline(Supplier<ClusterImage> image) {
        executor.execute(() -> {
            for (TopicImage topic : image.get().topics().byName().values()) bringUp(topic);
        });
    }

    /// Runs `task` once everything that was asked for before is carried out.
    public void afterWhatIsUnderWay(Runnable task) {
        executor.execute(task);
    }

    /// Gives every log of `topic` its settings as they are now.
    public void onTopicConfigChange(String topic) {
        executor.execute(() -> reconfigure(partitions.ofTopic(topic)));
    }

    /// Gives every log its settings as they are now.
    public void onBrokerConfigChange() {
        executor.execute(() -> reconfigure(partitions.all()));
    }

    private void reconfigure(List<Partition> changed) {
        for (Partition partition : changed) {
            LogConfig config = configOf.apply(partition.id().topic());
            if (!config.equals(partition.log().config())) {
                partition.inTurn(
                        () -> {
                            partition.log().onConfigChange(config);
                            replicaListener.onChanged(partition);
                        },
                        () -> {});
            }
        }
    }

    private void bringUp(TopicImage topic) {
        List<Partition> added = new ArrayList<>();
        for (int index = 0; index < topic.partitionCount(); index++) {
            PartitionRegistration registration = topic.partitions().get(index);
            if (!registration.replicas().contains(nodeId)) continue;
            Partition partition = partitions.get(topic.id(), index);
            if (partition == null) {
                partition = make(new TopicPartition(topic.name(), index), topic.id());
                if (partition == null) continue;
                added.add(partition);
            }
            if (mayLead && registration.leader() == nodeId) lead(partition, registration.leaderEpoch());
        }
        partitions.add(added);
        added.forEach(replicaListener::onOpened);
        for (Partition partition : added) {
            if (partition.isLeader()) tellElected(partition);
        }
    }

    /// A partition that is not in the registry yet is told to listeners when it is: they may append at once.
    private void lead(Partition partition, int leaderEpoch) {
        boolean isServed = partitions.get(partition.topicId(), partition.id().partition()) == partition;
        if (leaderEpoch <= partition.leaderEpoch()) return;
        partition.lead(leaderEpoch);
        if (isServed && partition.isLeader()) tellElected(partition);
    }

    private void tellElected(Partition partition) {
        for (LeadershipListener listener : listeners) listener.onElected(partition, partition.leaderEpoch());
    }

    private @Nullable Partition make(TopicPartition id, Uuid topicId) {
        LogConfig config = configOf.apply(id.topic());
        for (LogDirectory directory : directories.get()) {
            Optional<PartitionLog> log = directory.log(id);
            if (log.isEmpty()) continue;
            if (isOf(log.get(), topicId)) return open(id, topicId, log.get(), directory, config);
            LOG.warn(
                    "{} holds {} of an earlier topic of this name (id {}, now {}): it is removed.",
                    directory.path(),
                    id,
                    log.get().topicId(),
                    topicId);
            directory.delete(log.get());
        }
        Optional<LogDirectory> directory = directories.get().stream()
                .filter(LogDirectory::isOnline)
                .min(Comparator.comparingInt(candidate -> candidate.logs().size()));
        if (directory.isEmpty()) {
            LOG.error("{} cannot be made: no log directory is online.", id);
            return null;
        }
        try {
            return open(id, topicId, directory.get().create(id, topicId, config), directory.get(), config);
        } catch (IOException failure) {
            LOG.error("{} cannot be made in {}: {}", id, directory.get().path(), failure.toString());
            return null;
        }
    }

    private static boolean isOf(PartitionLog log, Uuid topicId) {
        return log.topicId().isZero() || log.topicId().equals(topicId);
    }

    private Partition open(
            TopicPartition id, Uuid topicId, PartitionLog log, LogDirectory directory, LogConfig config) {
        Partition partition = new Partition(id, topicId, log, directory, loops.apply(id.partition()));
        if (log.topicId().isZero()) noteTopicId(log, topicId);
        if (!config.equals(log.config())) partition.inTurn(() -> log.onConfigChange(config));
        return partition;
    }

    /// A power cut may have taken the folder's own note of its topic.
    private static void noteTopicId(PartitionLog log, Uuid topicId) {
        try {
            log.assignTopicId(topicId);
        } catch (IOException failure) {
            LOG.warn("{}: its topic id cannot be noted in its folder: {}", log.topicPartition(), failure.toString());
        }
    }

    private void remove(String topic, Uuid topicId) {
        for (Partition partition : partitions.ofTopic(topic)) {
            if (!partition.topicId().equals(topicId)) continue;
            int epoch = partition.leaderEpoch();
            partitions.remove(partition);
            replicaListener.onDeleting(partition);
            partition.close(log -> partition.directory().delete(log));
            followingListener.onStopFollowing(partition);
            for (LeadershipListener listener : listeners) listener.onResigned(partition, epoch);
        }
    }

    private void reportStrays(ClusterImage image) {
        for (LogDirectory directory : directories.get()) {
            for (PartitionLog log : List.copyOf(directory.logs())) {
                TopicPartition id = log.topicPartition();
                boolean known = image.topics()
                        .partition(id)
                        .filter(registration -> registration.replicas().contains(nodeId))
                        .isPresent();
                if (!known) {
                    LOG.warn(
                            "{} holds {}, which the cluster does not assign to this broker. It is left alone and not"
                                    + " served; remove its folder if it is not wanted.",
                            directory.path(),
                            id);
                }
            }
        }
    }
}
