package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The partitions that this broker serves, by topic name and by topic id.
///
/// Written by the one that applies metadata changes; read from every loop without a lock.
public final class Partitions {
    private final ConcurrentHashMap<String, Topic> byName = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Uuid, Topic> byId = new ConcurrentHashMap<>();
    /// Replicas whose log lies here but could not be opened, or could not be made, with their topic's id.
    private final ConcurrentHashMap<TopicPartition, Uuid> offline = new ConcurrentHashMap<>();

    /// A topic of which this broker holds at least one replica; `partitions` has gaps where it holds none.
    private static final class Topic {
        final String name;
        final Uuid id;
        volatile @Nullable Partition[] partitions = new Partition[0];

        Topic(String name, Uuid id) {
            this.name = name;
            this.id = id;
        }

        @Nullable
        Partition get(int index) {
            @Nullable Partition[] current = partitions;
            return index >= 0 && index < current.length ? current[index] : null;
        }

        boolean isEmpty() {
            for (Partition partition : partitions) {
                if (partition != null) return false;
            }
            return true;
        }
    }

    public @Nullable Partition get(String topic, int partition) {
        Topic found = byName.get(topic);
        return found == null ? null : found.get(partition);
    }

    public @Nullable Partition get(Uuid topicId, int partition) {
        Topic found = byId.get(topicId);
        return found == null ? null : found.get(partition);
    }

    public @Nullable Partition get(TopicPartition id) {
        return get(id.topic(), id.partition());
    }

    /// The replica belongs here, but its log could not be opened or made: clients are told of a storage error.
    public void addOffline(TopicPartition id, Uuid topicId) {
        offline.put(id, topicId);
    }

    public void removeOffline(TopicPartition id) {
        offline.remove(id);
    }

    /// The topic is gone.
    public void removeOffline(Uuid topicId) {
        offline.values().removeIf(topicId::equals);
    }

    /// A live view of those, with their topic's id.
    public Map<TopicPartition, Uuid> offline() {
        return Collections.unmodifiableMap(offline);
    }

    public boolean isOffline(TopicPartition id, Uuid topicId) {
        return topicId.equals(offline.get(id));
    }

    public boolean isOffline(String topic, int partition) {
        return offline.containsKey(new TopicPartition(topic, partition));
    }

    /// Adds `added`, all of one topic and from now on served.
    public synchronized void add(List<Partition> added) {
        if (added.isEmpty()) return;
        Partition first = added.getFirst();
        Topic topic = byName.computeIfAbsent(first.id().topic(), name -> new Topic(name, first.topicId()));
        int size = topic.partitions.length;
        for (Partition partition : added) {
            size = Math.max(size, partition.id().partition() + 1);
        }
        @Nullable Partition[] grown = Arrays.copyOf(topic.partitions, size);
        for (Partition partition : added) {
            grown[partition.id().partition()] = partition;
        }
        topic.partitions = grown;
        byId.put(topic.id, topic);
    }

    /// Takes `removed` out; requests that come from now on do not find it.
    public synchronized void remove(Partition removed) {
        Topic topic = byName.get(removed.id().topic());
        if (topic == null || topic.get(removed.id().partition()) != removed) return;
        @Nullable Partition[] changed = topic.partitions.clone();
        changed[removed.id().partition()] = null;
        topic.partitions = changed;
        if (topic.isEmpty()) {
            byName.remove(topic.name, topic);
            byId.remove(topic.id, topic);
        }
    }

    /// All, by topic; a copy.
    public List<Partition> all() {
        List<Partition> all = new ArrayList<>();
        for (Topic topic : byName.values()) {
            for (Partition partition : topic.partitions) {
                if (partition != null) all.add(partition);
            }
        }
        return all;
    }

    /// Those of one topic; a copy.
    public List<Partition> ofTopic(String name) {
        Topic topic = byName.get(name);
        List<Partition> found = new ArrayList<>();
        if (topic == null) return found;
        for (Partition partition : topic.partitions) {
            if (partition != null) found.add(partition);
        }
        return found;
    }
}
