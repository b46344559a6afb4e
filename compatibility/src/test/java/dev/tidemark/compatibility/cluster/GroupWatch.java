package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.load.SequenceWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Two members of a group that read and commit while things fail, and an observer of what they committed.
final class GroupWatch implements AutoCloseable {
    private static final int MEMBERS = 2;

    private final String bootstrap;
    private final String topic;
    private final String groupId;
    private final Map<Integer, Set<Long>> seen = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> wrongs = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    GroupWatch(String bootstrap, String topic, String groupId) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.groupId = groupId;
        for (int i = 0; i < MEMBERS; i++) {
            threads.add(Thread.ofPlatform().name("member-" + i).start(this::consume));
        }
        threads.add(Thread.ofPlatform().name("observer").start(this::observe));
    }

    private void consume() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", groupId);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (!stopping) {
                var records = consumer.poll(Duration.ofMillis(200));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    seen.computeIfAbsent(record.partition(), _ -> ConcurrentHashMap.newKeySet())
                            .add(SequenceWriter.numberOf(record.value()));
                }
                if (!records.isEmpty()) commit(consumer);
            }
        } catch (KafkaException e) {
            wrongs.add("a member failed: " + e);
        }
    }

    private static void commit(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.commitSync();
        } catch (CommitFailedException | org.apache.kafka.common.errors.TimeoutException again) {
            // The partitions are another's by now, or the next commit says the same.
        } catch (org.apache.kafka.common.errors.RebalanceInProgressException again) {
            // The next poll joins.
        }
    }

    private void observe() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            while (!stopping) {
                TimeUnit.MILLISECONDS.sleep(300);
                read(admin).forEach((partition, offset) -> {
                    Long before = committed.put(partition, offset.offset());
                    if (before != null && before > offset.offset()) {
                        wrongs.add(partition + " was committed at " + before + " and then at " + offset.offset());
                    }
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> read(Admin admin) throws InterruptedException {
        try {
            var offsets = admin.listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata();
            Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>(offsets.get(10, TimeUnit.SECONDS));
            found.values().removeIf(java.util.Objects::isNull);
            return found;
        } catch (ExecutionException | TimeoutException notNow) {
            return Map.of();
        }
    }

    /// Waits until the group has committed more of every partition than it has now.
    void awaitProgress(int partitions, Duration limit) throws Exception {
        Map<TopicPartition, Long> before = Map.copyOf(committed);
        await(
                () -> "the group " + groupId + " commits more than " + before + "; it has committed " + committed,
                limit,
                () -> countBeyond(before) >= partitions);
    }

    private long countBeyond(Map<TopicPartition, Long> before) {
        return committed.entrySet().stream()
                .filter(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L))
                .count();
    }

    /// Waits until the members have seen all that the log holds, and checks what the observer saw.
    void sawAll(LogOfAll log, Duration limit) throws InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!hasSeen(log) && System.nanoTime() < deadlineNs) TimeUnit.MILLISECONDS.sleep(50);
        stop();
        for (int partition = 0; partition < log.numbers().size(); partition++) {
            assertThat(seen.getOrDefault(partition, Set.of()))
                    .as("what the group read of partition %d", partition)
                    .containsAll(log.numbers().get(partition).values());
        }
        assertThat(wrongs).isEmpty();
    }

    private boolean hasSeen(LogOfAll log) {
        for (int partition = 0; partition < log.numbers().size(); partition++) {
            if (!seen.getOrDefault(partition, Set.of())
                    .containsAll(log.numbers().get(partition).values())) return false;
        }
        return true;
    }

    private void stop() {
        stopping = true;
        try {
            for (Thread thread : threads) thread.join(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
