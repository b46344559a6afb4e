package dev.tidemark.compatibility.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.MavenFolder;
import dev.tidemark.bench.broker.ProjectRoot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An application of Apache Kafka Streams 4.3.1 with exactly_once_v2, unchanged: a count of words and a join, while a
/// broker and the application itself are killed.
///
/// Each word is counted from 1 on without a gap or a repetition, and each order is delivered once.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StreamsTest {
    private static final List<String> WORDS = List.of("tide", "ebb", "flood", "moon", "shore", "wave", "foam");
    private static final int ROUNDS = 300;
    private static final int PARTITIONS = 2;

    @Test
    void countsAndJoinsExactlyOnceThroughKills() throws Exception {
        Map<String, Integer> topics = Map.of(
                "lines", PARTITIONS,
                "words", PARTITIONS,
                "orders", PARTITIONS,
                "customers", PARTITIONS,
                "deliveries", PARTITIONS);
        try (ClusterUnderFault cluster = ClusterUnderFault.start("streams", topics);
                KafkaProducer<String, String> producer = producer(cluster)) {
            for (String word : WORDS) send(producer, "customers", word, "customer of " + word);
            producer.flush();
            try (Application application = application(cluster)) {
                round(producer, 0);
                await(cluster, "words", 1);
                for (int i = 1; i < ROUNDS / 2; i++) round(producer, i);
                cluster.kill9AndRestart(cluster.leader("words", 0));
                application.kill9();
                for (int i = ROUNDS / 2; i < ROUNDS; i++) round(producer, i);

                assertThat(await(cluster, "words", ROUNDS)).isEqualTo(counts());
                assertThat(await(cluster, "deliveries", ROUNDS)).isEqualTo(deliveries());
            }
        }
    }

    private static Application application(ClusterUnderFault cluster) throws Exception {
        Path module = ProjectRoot.find().resolve("compatibility");
        String classPath = MavenFolder.classPath(
                module.resolve("streams/pom.xml"), module.resolve("target/kafka-streams-4.3.1"), Map.of());
        return Application.ofSource(
                classPath,
                module.resolve("src/test/resources/streams/WordsAndOrders.java"),
                cluster.kept("application"),
                cluster.bootstrap(),
                cluster.folder().resolve("state").toString());
    }

    private static KafkaProducer<String, String> producer(ClusterUnderFault cluster) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    /// A line with every word, and an order for every customer.
    private static void round(KafkaProducer<String, String> producer, int number) throws InterruptedException {
        send(producer, "lines", "line " + number, String.join(" ", WORDS));
        for (String word : WORDS) send(producer, "orders", word, "order " + number);
        TimeUnit.MILLISECONDS.sleep(10); // So that there is always something to do.
    }

    private static void send(KafkaProducer<String, String> producer, String topic, String key, String value) {
        var _ = producer.send(new ProducerRecord<>(topic, key, value));
    }

    private static Map<String, List<String>> counts() {
        List<String> counts =
                IntStream.rangeClosed(1, ROUNDS).mapToObj(String::valueOf).toList();
        return ofAllWords(word -> counts);
    }

    private static Map<String, List<String>> deliveries() {
        return ofAllWords(word -> IntStream.range(0, ROUNDS)
                .mapToObj(number -> "order " + number + " for customer of " + word)
                .toList());
    }

    private static Map<String, List<String>> ofAllWords(java.util.function.Function<String, List<String>> values) {
        Map<String, List<String>> all = new TreeMap<>();
        for (String word : WORDS) all.put(word, values.apply(word));
        return all;
    }

    /// What is committed in the topic, by key and in order, once every word has so many.
    private static Map<String, List<String>> await(ClusterUnderFault cluster, String topic, int each) {
        Map<String, List<String>> found = new TreeMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> new TopicPartition(topic, index))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long untilNs = System.nanoTime() + ClusterUnderFault.LIMIT.toNanos();
            while (!WORDS.stream()
                            .allMatch(
                                    word -> found.getOrDefault(word, List.of()).size() >= each)
                    && System.nanoTime() < untilNs) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> found.computeIfAbsent(record.key(), _ -> new ArrayList<>())
                                .add(record.value()));
            }
            // Whatever there may be too much of it.
            consumer.poll(Duration.ofMillis(500))
                    .forEach(record -> found.computeIfAbsent(record.key(), _ -> new ArrayList<>())
                            .add(record.value()));
        }
        return found;
    }
}
