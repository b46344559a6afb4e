package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.driver.ConsoleTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients and operators see of replicas: the nearest one, too few of them, lost ones, different ones. Three
/// processes, each in a rack of its own.
@Tag("cluster")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReplicasTest {
    private static ThreeBrokers brokers;

    @BeforeAll
    static void startCluster() throws Exception {
        brokers = ThreeBrokers.start("replicas", ReplicasTest::settings);
    }

    private static Map<String, String> settings(int id) {
        Map<String, String> settings = new HashMap<>();
        settings.put("broker.rack", "rack" + id);
        settings.put("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector");
        settings.put("offsets.topic.replication.factor", "3");
        settings.put("offsets.topic.num.partitions", "1");
        return settings;
    }

    @AfterAll
    static void stopCluster() throws IOException {
        brokers.close();
    }

    @AfterEach
    void bringAllBack() throws Exception {
        brokers.bringAllBack();
    }

    // ---- the nearest

    @Test
    void aConsumerReadsFromTheReplicaInItsRackAndFromTheLeaderWhenThatIsGone() throws Exception {
        TopicPartition partition = createTopic("near", List.of(1, 2, 3), Map.of());
        produce(partition.topic(), "all", values("n", 300));

        try (KafkaConsumer<String, String> consumer = consumer("rack2", partition)) {
            List<String> seen = read(consumer, 300);
            // What was fetched before the leader had sent it on to the replica is the leader's.
            assertThat(bytesFrom(consumer, 2)).isGreaterThan(bytesFrom(consumer, 1));
            assertThat(bytesFrom(consumer, 3)).isZero();
            produce(partition.topic(), "all", values("o", 1));
            seen.addAll(read(consumer, 1));

            brokers.kill9(2);
            produce(partition.topic(), "all", values("p", 10));
            seen.addAll(read(consumer, 10));

            List<String> all = new ArrayList<>(values("n", 300));
            all.addAll(values("o", 1));
            all.addAll(values("p", 10));
            assertThat(seen).containsExactlyElementsOf(all);
        }
    }

    private static double bytesFrom(KafkaConsumer<?, ?> consumer, int broker) {
        return consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("incoming-byte-total"))
                .filter(metric ->
                        ("node-" + broker).equals(metric.getKey().tags().get("node-id")))
                .mapToDouble(metric -> (double) metric.getValue().metricValue())
                .sum();
    }

    // ---- too few

    @Test
    void withTooFewInSyncAcksOfAllAreRefusedAndToolsTellOfIt() throws Exception {
        TopicPartition partition = createTopic("strict", List.of(3, 1, 2), Map.of("min.insync.replicas", "3"));
        produce(partition.topic(), "all", values("a", 10));
        assertThat(tool("TopicCommand", "--describe", "--under-replicated-partitions"))
                .doesNotContain("strict");

        brokers.kill9(3);
        await(
                "the dead one leaves the ISR",
                () -> brokers.isr(partition.topic()).size() == 2);

        Throwable refused = catchThrowable(() -> produce(partition.topic(), "all", values("b", 1)));
        assertThat(refused).hasCauseInstanceOf(NotEnoughReplicasException.class);
        produce(partition.topic(), "1", values("c", 1));
        assertThat(tool("TopicCommand", "--describe", "--under-replicated-partitions"))
                .containsPattern("strict\\s+Partition: 0\\s+Leader: [12]\\s+Replicas: 3,1,2\\s+Isr: (1,2|2,1)");
        assertThat(tool("TopicCommand", "--describe", "--under-min-isr-partitions"))
                .contains("strict");

        brokers.bringBack(3);
        await("it is back", () -> brokers.isr(partition.topic()).size() == 3);
        produce(partition.topic(), "all", values("d", 1));
        assertThat(tool("TopicCommand", "--describe", "--under-replicated-partitions"))
                .doesNotContain("strict");
    }

    // ---- deleted

    @Test
    void whatIsDeletedIsGoneFromEveryReplica() throws Exception {
        TopicPartition partition = createTopic("deleted", List.of(1, 2, 3), Map.of());
        produce(partition.topic(), "all", values("a", 20));

        long lowWatermark = brokers.admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(7)))
                .lowWatermarks()
                .get(partition)
                .get(30, TimeUnit.SECONDS)
                .lowWatermark();
        brokers.kill9(1);
        await("another leads", () -> brokers.leader(partition.topic()) > 1);

        assertThat(lowWatermark).isEqualTo(7);
        assertThat(brokers.admin()
                        .listOffsets(Map.of(partition, OffsetSpec.earliest()))
                        .partitionResult(partition)
                        .get(30, TimeUnit.SECONDS)
                        .offset())
                .isEqualTo(7);
        assertThat(tool("GetOffsetShell", "--topic", "deleted", "--time", "-1")).contains("deleted:0:20");
    }

    // ---- lost

    @Test
    void aNodeThatLostItsWholeDiskJoinsItsClusterAgain() throws Exception {
        TopicPartition partition = createTopic("disk", List.of(3, 1, 2), Map.of());
        produce(partition.topic(), "all", values("a", 20));
        Path disk = brokers.folder().resolve("node-3");
        String identity = clusterIdIn(disk);
        brokers.kill9(3);
        await("another leads", () -> brokers.leader(partition.topic()) < 3);
        TempFolder.delete(disk.resolve("data"));
        TempFolder.delete(disk.resolve("data-zookeeper"));

        brokers.bringBack(3);

        await("it has copied all", () -> brokers.isr(partition.topic()).contains(3));
        assertThat(clusterIdIn(disk)).isEqualTo(identity);
        try (KafkaConsumer<String, String> consumer = consumer("rack3", partition)) {
            assertThat(read(consumer, 20)).containsExactlyElementsOf(values("a", 20));
        }
    }

    private static String clusterIdIn(Path node) throws IOException {
        return Files.readAllLines(node.resolve("data").resolve("meta.properties")).stream()
                .filter(line -> line.startsWith("cluster.id="))
                .findFirst()
                .orElseThrow();
    }

    // ---- different ones

    @Test
    void anUncleanElectionCutsTheOthersLogAndConsumersAreToldSo() throws Exception {
        TopicPartition partition = createTopic(
                "unclean", List.of(1, 2), Map.of("unclean.leader.election.enable", "true", "min.insync.replicas", "1"));
        produce(partition.topic(), "all", values("common", 10));
        brokers.kill9(2);
        await(
                "the dead one leaves the ISR",
                () -> brokers.isr(partition.topic()).equals(List.of(1)));
        produce(partition.topic(), "all", values("lost", 10));

        try (KafkaConsumer<String, String> consumer = consumer("", partition)) {
            assertThat(read(consumer, 20)).hasSize(20);
            brokers.kill9(1);
            brokers.bringBack(2);
            await("the one that was behind leads", () -> brokers.leader(partition.topic()) == 2);
            produce(partition.topic(), "all", values("other", 5));

            Throwable told = catchThrowable(() -> read(consumer, 1));

            assertThat(told).isInstanceOf(LogTruncationException.class);
            assertThat(((LogTruncationException) told).divergentOffsets().get(partition))
                    .satisfies(where -> assertThat(where.offset()).isEqualTo(10));
        }
        brokers.bringBack(1);
        await("the cut one is back", () -> brokers.isr(partition.topic()).size() == 2);
        List<String> expected = new ArrayList<>(values("common", 10));
        expected.addAll(values("other", 5));
        for (String rack : List.of("rack1", "rack2")) {
            try (KafkaConsumer<String, String> consumer = consumer(rack, partition)) {
                assertThat(read(consumer, 15)).as("the replica in %s", rack).containsExactlyElementsOf(expected);
            }
        }
    }

    // ---- clients

    private static TopicPartition createTopic(String name, List<Integer> replicas, Map<String, String> configs)
            throws Exception {
        brokers.create(name, replicas, configs);
        return new TopicPartition(name, 0);
    }

    private static List<String> values(String prefix, int count) {
        List<String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) values.add(prefix + "-" + i + "-" + "x".repeat(1_000));
        return values;
    }

    private static void produce(String topic, String acks, List<String> values) throws Exception {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                brokers.bootstrap(),
                "acks",
                acks,
                "enable.idempotence",
                "false",
                "max.in.flight.requests.per.connection",
                "1",
                "retries",
                acks.equals("all") && !topic.equals("strict") ? "100" : "0");
        try (Producer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(String rack, TopicPartition partition) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                brokers.bootstrap(),
                "client.rack",
                rack,
                "auto.offset.reset",
                "none",
                "metadata.max.age.ms",
                "1000");
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        return consumer;
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        List<String> read = new ArrayList<>();
        long startNs = System.nanoTime();
        while (read.size() < count) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNs))
                    .as("%d of %d records", read.size(), count)
                    .isLessThan(Patience.LIMIT);
            for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) read.add(each.value());
        }
        return read;
    }

    private static String tool(String className, String... arguments) throws Exception {
        return new ConsoleTools(brokers.bootstrap()).run(className, arguments);
    }
}
