package dev.tidemark.compatibility;

import dev.tidemark.compatibility.matrix.Rec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The other end of every check: kafka-clients 4.4.0 in the tests' own process.
public final class Reference implements AutoCloseable {
    private static final Duration WAIT = Duration.ofSeconds(60);

    private final String bootstrap;
    private final Admin admin;

    public Reference(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    public Admin admin() {
        return admin;
    }

    public void createTopic(String topic, int partitions) throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    public void deleteRecords(String topic, int partition, long before)
            throws ExecutionException, InterruptedException {
        admin.deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before)))
                .all()
                .get();
    }

    public void produce(String topic, String codec, List<Rec> records) throws ExecutionException, InterruptedException {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                bootstrap,
                "compression.type",
                codec,
                "linger.ms",
                20,
                "max.request.size",
                2_000_000);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Rec record : records) sent.add(producer.send(toProducerRecord(topic, record)));
            for (Future<RecordMetadata> one : sent) one.get();
        }
    }

    private static ProducerRecord<String, String> toProducerRecord(String topic, Rec record) {
        List<Header> headers = new ArrayList<>();
        record.headers()
                .forEach((name, value) -> headers.add(new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8))));
        return new ProducerRecord<>(
                topic, record.partition(), record.timestamp(), record.key(), record.value(), headers);
    }

    /// Reads the topic from its beginning until `count` records are there, or nothing came for a while.
    public List<Rec> read(String topic, int count) {
        return read(topic, count, "read_uncommitted");
    }

    /// The same without what is not committed.
    public List<Rec> readCommitted(String topic, int count) {
        return read(topic, count, "read_committed");
    }

    private List<Rec> read(String topic, int count, String isolation) {
        List<Rec> found = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "isolation.level",
                        isolation),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long untilNs = System.nanoTime() + WAIT.toNanos();
            while (found.size() < count && System.nanoTime() < untilNs) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> found.add(toRec(record)));
            }
        }
        return found;
    }

    /// Log end offsets of the topic's partitions, in their order.
    public List<Long> ends(String topic) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .sorted(Comparator.comparingInt(TopicPartition::partition))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            return partitions.stream().map(ends::get).toList();
        }
    }

    private static Rec toRec(ConsumerRecord<String, String> record) {
        Map<String, String> headers = new TreeMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return new Rec(record.partition(), record.key(), record.value(), headers, record.timestamp());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
