package dev.tidemark.compatibility.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.ApacheKafka;
import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.disk.LocalDirectory.Stored;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A data folder that Apache Kafka 4.4.0 wrote opens in our storage with every record in place: after kill -9 and after
/// a clean stop.
class KafkaFolderTest {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final int RECORDS = 2_000;
    private static final LogConfig CONFIG = LogConfig.DEFAULT;

    @TempDir
    private Path folder;

    @Test
    void opensWithEveryRecord() throws Exception {
        Path broker = folder.resolve("kafka");
        try (RunningBroker kafka = RunningBroker.start(ApacheKafka.version("4.4.0"), broker, settings())) {
            kafka.awaitFirstAnswer();
            createTopics(kafka.bootstrap());
            produce(kafka.bootstrap(), "first");
            Map<String, List<Stored>> expected = readAll(kafka.bootstrap());
            kafka.kill9();

            Path killed = folder.resolve("killed");
            copy(kafka.node().data(), killed);
            assertHolds(killed, expected, false);

            kafka.launch();
            kafka.awaitFirstAnswer();
            produce(kafka.bootstrap(), "second");
            expected = readAll(kafka.bootstrap());
            assertThat(kafka.stop()).isTrue();
            assertHolds(kafka.node().data(), expected, true);

            // And Kafka takes the folder back, with what we wrote into it.
            kafka.launch();
            kafka.awaitFirstAnswer();
            Map<String, List<Stored>> again = readAll(kafka.bootstrap());
            for (String codec : CODECS) {
                List<Stored> records = again.get(codec);
                assertThat(records.subList(0, records.size() - 1)).isEqualTo(expected.get(codec));
                assertThat(records.getLast().value()).isEqualTo("from Tidemark");
            }
        }
    }

    private static Map<String, String> settings() {
        return Map.of(
                "log.segment.bytes", "1048576",
                "log.cleaner.backoff.ms", "200",
                "offsets.topic.num.partitions", "1",
                "offsets.topic.replication.factor", "1",
                "log.index.interval.bytes", "1000");
    }

    private static void createTopics(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            List<NewTopic> topics = new ArrayList<>();
            for (String codec : CODECS) topics.add(new NewTopic(codec, 1, (short) 1));
            topics.add(new NewTopic("compacted", 1, (short) 1)
                    .configs(Map.of(
                            "cleanup.policy", "compact",
                            "min.cleanable.dirty.ratio", "0.01",
                            "segment.ms", "100")));
            admin.createTopics(topics).all().get();
        }
    }

    /// By idempotent producers, as kafka-clients' are.
    private static void produce(String bootstrap, String run) throws Exception {
        for (String codec : CODECS) send(bootstrap, codec, codec, run, RECORDS, 500);
        for (int i = 0; i < 5; i++) send(bootstrap, "compacted", CODECS.get(i), run + i, 200, 20);
    }

    private static void send(String bootstrap, String topic, String codec, String run, int count, int keys)
            throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrap, "compression.type", codec, "enable.idempotence", true);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String value = i % 50 == 49 ? null : run + " " + i + " " + "tide ".repeat(i % 200);
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i % keys, value)));
            }
            for (Future<RecordMetadata> one : sent) one.get();
        }
    }

    private static Map<String, List<Stored>> readAll(String bootstrap) {
        Map<String, List<Stored>> all = new HashMap<>();
        for (String codec : CODECS) all.put(codec, read(bootstrap, codec));
        all.put("compacted", read(bootstrap, "compacted"));
        return all;
    }

    private static List<Stored> read(String bootstrap, String topic) {
        List<Stored> records = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> records.add(
                                new Stored(record.offset(), record.timestamp(), record.key(), record.value())));
            }
        }
        return records;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) Files.copy(path, to.resolve(from.relativize(path)));
        }
    }

    private static void assertHolds(Path data, Map<String, List<Stored>> expected, boolean append) throws IOException {
        try (LocalDirectory local = new LocalDirectory(data, CONFIG)) {
            assertThat(local.directory.wasCleanlyStopped()).isEqualTo(append);
            for (String codec : CODECS) {
                PartitionLog log = local.log(codec);
                assertThat(LocalDirectory.records(log)).as(codec).isEqualTo(expected.get(codec));
                assertThat(log.topicId().isZero()).isFalse();
                assertThat(log.latestEpoch()).isPresent();
                assertThat(log.producerEnds()).isNotEmpty();
                if (append) local.append(log, "key", "from Tidemark");
            }
            // The cleaner may have been faster than the reader: the table counts.
            assertThat(table(LocalDirectory.records(local.log("compacted"))))
                    .isEqualTo(table(expected.get("compacted")));
        }
    }

    private static Map<String, String> table(List<Stored> records) {
        Map<String, String> table = new HashMap<>();
        for (Stored record : records) {
            if (record.value() == null) table.remove(record.key());
            else table.put(record.key(), record.value());
        }
        return table;
    }
}
