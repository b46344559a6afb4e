package dev.tidemark.compatibility.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// Writes numbered records into a topic all the time, on a thread of its own, and knows what was acknowledged where.
final class AckedWriter implements AutoCloseable {
    private static final int KEYS = 50;
    private static final int TOMBSTONE_EVERY = 7;
    private static final String PADDING = "tide ".repeat(300);

    private final String topic;
    private final boolean withTombstones;
    private final KafkaProducer<String, String> producer;
    private final Thread thread;
    private final Map<Integer, NavigableMap<Long, Long>> acknowledged = new ConcurrentHashMap<>();
    /// Acknowledged as written before, without an offset.
    private final Set<Long> unplaced = ConcurrentHashMap.newKeySet();

    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean isStopped;
    private final AtomicLong next = new AtomicLong();

    /// @param settings of the producer
    AckedWriter(String bootstrap, String topic, boolean withTombstones, Map<String, Object> settings) {
        this.topic = topic;
        this.withTombstones = withTombstones;
        Map<String, Object> all = new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap,
                "batch.size", 4096,
                "linger.ms", 1,
                "max.block.ms", 120_000,
                "delivery.timeout.ms", 120_000,
                "request.timeout.ms", 5_000,
                "reconnect.backoff.max.ms", 200));
        all.putAll(settings);
        producer = new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
        thread = new Thread(this::write, "writes " + topic);
        thread.start();
    }

    private void write() {
        try {
            while (!isStopped) {
                for (int i = 0; i < 10; i++) send(next.getAndIncrement());
                TimeUnit.MILLISECONDS.sleep(4);
            }
        } catch (Exception failure) {
            failures.add(failure);
        }
    }

    private void send(long number) {
        var _ = producer.send(new ProducerRecord<>(topic, key(number), value(number)), (told, failure) -> {
            if (failure == null) onAcknowledged(number, told);
            else failures.add(failure);
        });
    }

    private void onAcknowledged(long number, RecordMetadata told) {
        if (!told.hasOffset()) {
            unplaced.add(number);
            return;
        }
        acknowledged
                .computeIfAbsent(told.partition(), _ -> new ConcurrentSkipListMap<>())
                .put(told.offset(), number);
    }

    static String key(long number) {
        return "key-" + number % KEYS;
    }

    static long numberOf(String value) {
        return Long.parseLong(value.substring(0, value.indexOf(' ')));
    }

    /// Null for a tombstone.
    @Nullable
    String value(long number) {
        if (withTombstones && number / KEYS % TOMBSTONE_EVERY == TOMBSTONE_EVERY - 1) return null;
        return number + " " + PADDING.substring(0, (int) (number * 31 % PADDING.length()));
    }

    /// Forgets what was acknowledged until now.
    Map<Integer, NavigableMap<Long, Long>> forget() {
        Map<Integer, NavigableMap<Long, Long>> before = Map.copyOf(acknowledged);
        acknowledged.clear();
        return before;
    }

    /// What each key was given last; without those that were deleted then.
    Map<String, String> latest() {
        Map<String, String> latest = new HashMap<>();
        for (long number = Math.max(0, highest() - KEYS); number <= highest(); number++) {
            String value = value(number);
            if (value == null) latest.remove(key(number));
            else latest.put(key(number), value);
        }
        return latest;
    }

    /// Whether a record that was acknowledged without an offset may be this one.
    boolean isUnplaced(@Nullable String value) {
        return value == null ? !unplaced.isEmpty() : unplaced.contains(numberOf(value));
    }

    /// For each partition, the numbers by their offsets.
    Map<Integer, NavigableMap<Long, Long>> acknowledged() {
        return acknowledged;
    }

    String topic() {
        return topic;
    }

    /// Of those that have been sent.
    long highest() {
        return next.get() - 1;
    }

    Queue<Exception> failures() {
        return failures;
    }

    /// Ends, and waits for the last answers.
    void finish() throws InterruptedException {
        isStopped = true;
        assertThat(thread.join(Duration.ofMinutes(3)))
                .as("the writer of %s ends", topic)
                .isTrue();
        producer.flush();
    }

    @Override
    public void close() {
        isStopped = true;
        producer.close(Duration.ZERO);
    }
}
