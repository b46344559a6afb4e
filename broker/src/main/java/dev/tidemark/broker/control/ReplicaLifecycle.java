package dev.tidemark.broker.control;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.FollowingListener;
import dev.tidemark.broker.partition.LeadershipListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.Partitions;
import dev.tidemark.broker.partition.ReplicaListener;
import dev.tidemark.broker.partition.Replication;
import dev.tidemark.broker.partition.RoleChange;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes this broker's replicas, lets them lead or follow, and removes them, as the metadata says.
///
/// Changes come in order, from the control plane's serial, and are carried out in that order on `executor`, which runs
/// one task at a time and may block on the disk.
public final class ReplicaLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLifecycle.class);

    private final int nodeId;
    private final Partitions partitions;
    private final ReplicaDirectories directories;
    private final Function<String, LogConfig> configOf;
    private final IntFunction<Loop> loops;
    private final List<LeadershipListener> listeners;
    private final FollowingListener followingListener;
    private final ReplicaListener replicaListener;
    private final Replication replication;
    private final OfflineReport offlineReport;
    private final Executor executor;
    /// How many changes of a replica's role are made but not told yet.
    private final Map<Partition, Integer> untold = new HashMap<>();
    private boolean mayLead;
    private volatile boolean hasLostLogs;
    /// Counts the partitions that this broker has come to lead.
    private int elections;

    /// @param configOf the log settings of a topic, by its name, as they are now
    /// @param loops a loop by any number: the numbers of partitions spread the work
    /// @param onOffline hears which of this broker's replicas cannot work, whenever that has changed
    /// @param executor one task at a time, in order
    public ReplicaLifecycle(
            int nodeId,
            Partitions partitions,
            ReplicaDirectories directories,
            Function<String, LogConfig> configOf,
            IntFunction<Loop> loops,
            List<LeadershipListener> listeners,
            FollowingListener followingListener,
            ReplicaListener replicaListener,
            Replication replication,
            Consumer<OfflineReplicas> onOffline,
            Executor executor) {
        this.nodeId = nodeId;
        this.partitions = partitions;
        this.directories = directories;
        this.configOf = configOf;
        this.loops = loops;
        this.listeners = listeners;
        this.followingListener = followingListener;
        this.replicaListener = replicaListener;
        this.replication = replication;
        this.offlineReport = new OfflineReport(partitions, directories::all, onOffline);
        this.executor = executor;
    }

    /// Opens every replica that the image assigns here; afterwards runs `done`. Nothing is led yet.
    public void onLoaded(ClusterImage image, Runnable done) {
        executor.execute(() -> {
            for (TopicImage topic : image.topics().byName().values()) bringUp(topic);
            reportStrays(image);
            offlineReport.update();
            done.run();
        });
    }

    /// Whether this broker is in the ISR of a partition whose folder was not there any more. Whatever its last stop was
    /// like: it does not have what the others count on. Known after [#onLoaded].
    public boolean hasLostLogs() {
        return hasLostLogs;
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
        Map<String, BitSet> touched = new LinkedHashMap<>();
        for (MetadataChange change : delta.changes()) {
            switch (change) {
                case MetadataChange.TopicCreated(var topic) -> touch(touched, topic.name(), 0, topic.partitionCount());
                case MetadataChange.PartitionsAdded added ->
                    touch(
                            touched,
                            added.topic(),
                            added.firstPartition(),
                            added.firstPartition() + added.partitions().size());
                case MetadataChange.PartitionChanged changed -> {
                    int index = changed.partition().partition();
                    touch(touched, changed.partition().topic(), index, index + 1);
                }
                case MetadataChange.TopicDeleted deleted ->
                    executor.execute(() -> {
                        removeTopic(deleted.topic(), deleted.topicId());
                        offlineReport.update();
                    });
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
        touched.forEach((name, indexes) -> after.topics()
                .topic(name)
                .ifPresent(topic -> executor.execute(() -> {
                    int ledBefore = elections;
                    bringUp(topic, indexes);
                    int more = elections - ledBefore;
                    if (more > 0) LOG.info("Leads {} more partition(s) of {}", more, name);
                })));
        if (!touched.isEmpty()) executor.execute(offlineReport::update);
    }

    private static void touch(Map<String, BitSet> touched, String topic, int from, int to) {
        touched.computeIfAbsent(topic, _ -> new BitSet()).set(from, to);
    }

    /// A log directory has failed, or works again: tells which replicas cannot work now, and makes those that could not
    /// be made before.
    ///
    /// @param image asked when its turn comes, so that nothing comes back that was deleted before
    public void onDirectoryChange(Supplier<ClusterImage> image) {
        executor.execute(() -> {
            // First, because what follows may wait for the disk.
            offlineReport.update();
            for (TopicImage topic : image.get().topics().byName().values()) makeMissing(topic);
            offlineReport.update();
        });
    }

    private void makeMissing(TopicImage topic) {
        BitSet missing = new BitSet();
        for (int index = 0; index < topic.partitionCount(); index++) {
            boolean isHere = topic.partitions().get(index).replicas().contains(nodeId);
            missing.set(index, isHere && partitions.get(topic.id(), index) == null);
        }
        if (!missing.isEmpty()) bringUp(topic, missing);
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
                partition.onConfigChange(config);
                partition.inTurn(() -> replicaListener.onChanged(partition), () -> {});
            }
        }
    }

    private void bringUp(TopicImage topic) {
        BitSet all = new BitSet();
        all.set(0, topic.partitionCount());
        bringUp(topic, all);
    }

    private void bringUp(TopicImage topic, BitSet indexes) {
        List<Partition> added = new ArrayList<>();
        int count = topic.partitionCount();
        for (int index = indexes.nextSetBit(0); index >= 0 && index < count; index = indexes.nextSetBit(index + 1)) {
            Partition partition = partitions.get(topic.id(), index);
            if (!topic.partitions().get(index).replicas().contains(nodeId)) {
                if (partition != null) remove(partition);
                else partitions.removeOffline(new TopicPartition(topic.name(), index));
            } else if (partition == null) {
                Partition made = make(
                        new TopicPartition(topic.name(), index),
                        topic.id(),
                        topic.partitions().get(index));
                if (made != null) {
                    added.add(made);
                    partitions.removeOffline(made.id());
                }
            } else {
                takeRole(partition, topic.partitions().get(index));
            }
        }
        partitions.add(added);
        added.forEach(replicaListener::onOpened);
        // Only now: listeners may append at once, and then the partition must be found.
        for (Partition partition : added) {
            takeRole(partition, topic.partitions().get(partition.id().partition()));
        }
    }

    private void takeRole(Partition partition, PartitionRegistration registration) {
        if (!mayLead || registration.partitionEpoch() == PartitionRegistration.NO_EPOCH) return;
        CompletableFuture<RoleChange> change;
        if (registration.leader() == nodeId) {
            change = partition.lead(new LeaderTerm(
                    registration.leaderEpoch(),
                    registration.partitionEpoch(),
                    registration.replicas(),
                    registration.isr()));
        } else if (registration.hasLeader()) {
            change = partition.follow(registration.leader(), registration.leaderEpoch());
        } else {
            change = partition.resign(registration.leaderEpoch());
        }
        tellInOrder(partition, change);
    }

    /// At once where the partition was idle and made the change, else when it has; never before an earlier change of
    /// it was told.
    private void tellInOrder(Partition partition, CompletableFuture<RoleChange> change) {
        if (change.isDone() && !untold.containsKey(partition)) {
            tell(partition, change.join());
            return;
        }
        untold.merge(partition, 1, Integer::sum);
        var _ = change.thenAcceptAsync(
                made -> {
                    untold.computeIfPresent(partition, (_, count) -> count == 1 ? null : count - 1);
                    tell(partition, made);
                },
                executor);
    }

    private void tell(Partition partition, RoleChange change) {
        if (change.equals(RoleChange.NONE) || partitions.get(partition.id()) != partition) return;
        if (change.wasLeading() && !change.leads()) {
            for (LeadershipListener listener : listeners) listener.onResigned(partition, change.epoch());
        }
        if (change.wasFollowing() && !change.follows()) followingListener.onStopFollowing(partition);
        if (change.follows()) followingListener.onFollow(partition, change.leaderId(), change.epoch());
        if (change.leads()) {
            elections++;
            for (LeadershipListener listener : listeners) listener.onElected(partition, change.epoch());
        }
    }

    private @Nullable Partition make(TopicPartition id, Uuid topicId, PartitionRegistration registration) {
        LogConfig config = configOf.apply(id.topic());
        for (LogDirectory directory : directories.all()) {
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
        if (isUnopened(id)) {
            partitions.addOffline(id, topicId);
            return null;
        }
        Optional<LogDirectory> directory = directories.forNewReplica();
        if (directory.isEmpty()) {
            LOG.error("{} cannot be made: no log directory is online.", id);
            partitions.addOffline(id, topicId);
            return null;
        }
        if (!mayLead) noticeLoss(id, registration);
        try {
            return open(id, topicId, directory.get().create(id, topicId, config), directory.get(), config);
        } catch (IOException failure) {
            LOG.error("{} cannot be made in {}: {}", id, directory.get().path(), failure.toString());
            partitions.addOffline(id, topicId);
            return null;
        }
    }

    /// At the start: a folder that must be made now held what this broker, as a member of the ISR, was counted on for.
    private void noticeLoss(TopicPartition id, PartitionRegistration registration) {
        boolean wasLed = registration.partitionEpoch() != PartitionRegistration.NO_EPOCH;
        if (!wasLed || !registration.isr().contains(nodeId)) return;
        hasLostLogs = true;
        LOG.warn(
                "{} has no folder here, though this broker is one of its in-sync replicas {}. This broker says that it"
                        + " may have lost records, and copies them again from the others.",
                id,
                registration.isr());
    }

    /// Whether the log lies in a directory that could not open it. A new one would hide what is there.
    private boolean isUnopened(TopicPartition id) {
        return directories.all().stream().anyMatch(directory -> directory.isUnopened(id));
    }

    private void removeUnopened(String topic) {
        for (LogDirectory directory : directories.all()) {
            for (TopicPartition id : directory.unopened().keySet()) {
                if (!id.topic().equals(topic)) continue;
                partitions.removeOffline(id);
                directory.deleteUnopened(id);
            }
        }
    }

    private static boolean isOf(PartitionLog log, Uuid topicId) {
        return log.topicId().isZero() || log.topicId().equals(topicId);
    }

    private Partition open(
            TopicPartition id, Uuid topicId, PartitionLog log, LogDirectory directory, LogConfig config) {
        Partition partition = new Partition(id, topicId, log, directory, loops.apply(id.partition()), replication);
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

    private void removeTopic(String topic, Uuid topicId) {
        removeUnopened(topic);
        partitions.removeOffline(topicId);
        for (Partition partition : partitions.ofTopic(topic)) {
            if (partition.topicId().equals(topicId)) remove(partition);
        }
    }

    /// The topic is gone, or a reassignment has taken the replica from here.
    private void remove(Partition partition) {
        int epoch = partition.leaderEpoch();
        partitions.remove(partition);
        replicaListener.onDeleting(partition);
        partition.close(log -> partition.directory().delete(log));
        followingListener.onStopFollowing(partition);
        if (epoch < 0) return;
        for (LeadershipListener listener : listeners) listener.onResigned(partition, epoch);
    }

    private void reportStrays(ClusterImage image) {
        for (LogDirectory directory : directories.all()) {
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
