package dev.tidemark.simulator.client;

import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.message.MetadataResponse;
import dev.tidemark.protocol.message.MetadataResponse.MetadataResponsePartition;
import dev.tidemark.protocol.message.MetadataResponse.MetadataResponseTopic;
import dev.tidemark.simulator.check.PartitionKey;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a client knows of topics and their leaders. It asks any broker, again and again, and never goes back to an
/// older leader epoch.
final class TopicMap {
    private static final long REFRESH_MS = 2_000;
    private static final long BACKOFF_MS = 100;
    private static final long TIMEOUT_MS = 5_000;

    record Leader(int broker, int epoch) {}

    private final ClientHost host;
    private final List<String> names;
    private final Map<String, Uuid> ids = new TreeMap<>();
    private final SortedMap<PartitionKey, Leader> leaders = new TreeMap<>();
    private boolean asking;
    private long askedMs = Long.MIN_VALUE;

    TopicMap(ClientHost host, List<String> names) {
        this.host = host;
        this.names = names;
        tick();
    }

    private void tick() {
        refresh();
        host.after(REFRESH_MS, this::tick);
    }

    /// Asks soon.
    void refresh() {
        if (asking) return;
        asking = true;
        host.after(Math.max(0, Math.min(askedMs + BACKOFF_MS - host.nowMs(), BACKOFF_MS)), this::ask);
    }

    private void ask() {
        askedMs = host.nowMs();
        MetadataRequest request = MetadataRequest.builder()
                .topics(names.stream()
                        .map(name -> MetadataRequest.MetadataRequestTopic.builder()
                                .name(name)
                                .build())
                        .toList())
                .allowAutoTopicCreation(false)
                .build();
        host.call(
                host.anyBroker(),
                request,
                MetadataResponse.class,
                TIMEOUT_MS,
                response -> {
                    asking = false;
                    response.topics().forEach(this::learn);
                },
                _ -> {
                    asking = false;
                    refresh();
                });
    }

    private void learn(MetadataResponseTopic topic) {
        String name = topic.name();
        if (topic.errorCode() != 0 || name == null) return;
        ids.put(name, topic.topicId());
        for (MetadataResponsePartition partition : topic.partitions()) {
            PartitionKey key = new PartitionKey(topic.topicId(), name, partition.partitionIndex());
            Leader known = leaders.get(key);
            if (known == null || known.epoch <= partition.leaderEpoch())
                leaders.put(key, new Leader(partition.leaderId(), partition.leaderEpoch()));
        }
    }

    /// An answer told of a leader (KIP-951).
    void learn(PartitionKey partition, int broker, int epoch) {
        Leader known = leaders.get(partition);
        if (broker >= 0 && (known == null || known.epoch < epoch)) leaders.put(partition, new Leader(broker, epoch));
    }

    /// Where the partition is led, as far as is known; null where it is not.
    @Nullable
    Leader leader(PartitionKey partition) {
        Leader leader = leaders.get(partition);
        return leader == null || leader.broker < 0 ? null : leader;
    }

    /// All partitions of the topics that are known by now, in order.
    List<PartitionKey> partitions() {
        return leaders.keySet().stream()
                .filter(key -> key.topicId().equals(ids.get(key.topic())))
                .toList();
    }
}
