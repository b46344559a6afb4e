package dev.tidemark.compatibility.badinput;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The well-behaved client: an idempotent producer and a consumer in a group, on a topic of their own. What was
/// acknowledged must come back, once and in order. Owner: the test's thread.
final class Neighbour implements AutoCloseable {
    static final String TOPIC = "neighbour";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BATCH = 25;

    private final KafkaProducer<String, String> producer;
    private final KafkaConsumer<String, String> consumer;
    private final Admin admin;
    private long sent;
    private long read;

    Neighbour(String bootstrap) throws ExecutionException, InterruptedException {
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "retries",
                        0,
                        "enable.idempotence",
                        false,
                        "acks",
                        "all",
                        "linger.ms",
                        0,
                        // Before the broker finds the connection idle: it might do so as a record is on its way.
                        "connections.max.idle.ms",
                        4_000,
                        "max.in.flight.requests.per.connection",
                        1),
                new StringSerializer(),
                new StringSerializer());
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", "neighbours", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(List.of(TOPIC));
    }

    Admin admin() {
        return admin;
    }

    /// Produces some more, without a retry, and reads all that was produced.
    ///
    /// @return the longest that an acknowledgement took
    Duration proceed() throws InterruptedException {
        long longestNs = 0;
        for (int i = 0; i < BATCH; i++) {
            long beganNs = System.nanoTime();
            Future<RecordMetadata> ack = producer.send(new ProducerRecord<>(TOPIC, 0, "k", "value " + sent));
            long offset = offsetOf(ack);
            if (offset != sent) throw new AssertionError("record " + sent + " lies at offset " + offset);
            sent++;
            longestNs = Math.max(longestNs, System.nanoTime() - beganNs);
        }
        long untilNs = System.nanoTime() + LIMIT.toNanos();
        while (read < sent) {
            if (System.nanoTime() > untilNs) throw new AssertionError("read " + read + " records of " + sent);
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) check(record);
        }
        return Duration.ofNanos(longestNs);
    }

    private static long offsetOf(Future<RecordMetadata> ack) throws InterruptedException {
        try {
            return ack.get(LIMIT.toSeconds(), TimeUnit.SECONDS).offset();
        } catch (ExecutionException | TimeoutException failure) {
            throw new AssertionError("a good record was not acknowledged", failure);
        }
    }

    private void check(ConsumerRecord<String, String> record) {
        if (record.offset() != read || !record.value().equals("value " + read))
            throw new AssertionError("expected record " + read + ", got " + record);
        read++;
    }

    /// Reads everything again, by a consumer that knows nothing.
    void readAgain(String bootstrap) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> fresh = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            fresh.assign(List.of(partition));
            fresh.seekToBeginning(List.of(partition));
            long untilNs = System.nanoTime() + LIMIT.toNanos();
            while (values.size() < sent && System.nanoTime() < untilNs)
                fresh.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }
        for (int i = 0; i < sent; i++) {
            if (i >= values.size() || !values.get(i).equals("value " + i))
                throw new AssertionError("record " + i + " of " + sent + " is not what was sent");
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(2)));
        admin.close(Duration.ofSeconds(2));
    }
}
