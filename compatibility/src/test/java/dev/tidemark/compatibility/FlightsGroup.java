package dev.tidemark.compatibility;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Two consumers of one group that share a topic's partitions and read it to its end.
public final class FlightsGroup {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String bootstrap;
    private final String topic;
    private final String group;
    private final int count;
    private final CountDownLatch bothAssigned = new CountDownLatch(2);
    private final CountDownLatch bothCommitted = new CountDownLatch(2);
    private final AtomicInteger read = new AtomicInteger();

    private FlightsGroup(String bootstrap, String topic, String group, int count) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.group = group;
        this.count = count;
    }

    /// @return the values of each key in the order in which they came
    public static Map<String, List<String>> read(String bootstrap, String topic, String group, int count)
            throws InterruptedException, ExecutionException, TimeoutException {
        return new FlightsGroup(bootstrap, topic, group, count).read();
    }

    static long committed(String bootstrap, String group) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        }
    }

    private Map<String, List<String>> read() throws InterruptedException, ExecutionException, TimeoutException {
        List<CompletableFuture<List<ConsumerRecord<String, String>>>> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            CompletableFuture<List<ConsumerRecord<String, String>>> member = new CompletableFuture<>();
            members.add(member);
            Thread.ofPlatform().start(() -> {
                try {
                    member.complete(consume());
                } catch (RuntimeException | AssertionError e) {
                    member.completeExceptionally(e);
                }
            });
        }
        Map<String, List<String>> byKey = new TreeMap<>();
        for (CompletableFuture<List<ConsumerRecord<String, String>>> member : members) {
            List<ConsumerRecord<String, String>> records = member.get(2 * LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (records.isEmpty()) throw new AssertionError("one of the two members read nothing");
            records.forEach(record ->
                    byKey.computeIfAbsent(record.key(), _ -> new ArrayList<>()).add(record.value()));
        }
        return byKey;
    }

    private List<ConsumerRecord<String, String>> consume() {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "group.id",
                        group,
                        "enable.auto.commit",
                        false,
                        "heartbeat.interval.ms",
                        300,
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            awaitShare(consumer);
            long untilNs = System.nanoTime() + LIMIT.toNanos();
            while (read.get() < count && System.nanoTime() < untilNs) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    found.add(record);
                    read.incrementAndGet();
                }
            }
            consumer.commitSync();
            awaitCommits();
        }
        return found;
    }

    /// Who leaves earlier starts a rebalance, in which the other's commit would be refused.
    private void awaitCommits() {
        bothCommitted.countDown();
        try {
            if (!bothCommitted.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the other member did not commit");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Reads nothing before both have their part, so that both have something to do.
    private void awaitShare(KafkaConsumer<String, String> consumer) {
        boolean counted = false;
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (bothAssigned.getCount() > 0) {
            if (System.nanoTime() > untilNs) throw new AssertionError("the group of two did not come together");
            consumer.pause(consumer.assignment());
            consumer.poll(Duration.ofMillis(50));
            int partitions = consumer.assignment().size();
            if (!counted
                    && partitions > 0
                    && partitions < consumer.partitionsFor(topic).size()) {
                counted = true;
                bothAssigned.countDown();
            }
        }
        consumer.seekToBeginning(consumer.assignment());
        consumer.resume(consumer.assignment());
    }
}
