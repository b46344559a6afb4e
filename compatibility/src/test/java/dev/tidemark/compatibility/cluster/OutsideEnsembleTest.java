package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.bench.broker.RunningCluster;
import dev.tidemark.bench.broker.TempFolder;
import dev.tidemark.compatibility.SharedBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two brokers below a chroot of an outside ensemble, beside another cluster of the same ids: they work, take over from
/// each other, stop and come back, and write nothing outside their chroot.
@Tag("cluster")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class OutsideEnsembleTest {
    private static final String TOPIC = "outside";
    private static final int PARTITIONS = 4;
    private static final Map<String, String> SETTINGS = Map.of(
            "offsets.topic.replication.factor", "2",
            "offsets.topic.num.partitions", "2",
            "default.replication.factor", "2",
            "group.initial.rebalance.delay.ms", "0");

    private static Map<String, String> settings(String connect) {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("zookeeper.connect", connect);
        return settings;
    }

    @Test
    void twoBrokersBelowAChroot() throws Exception {
        try (ZooKeeperServers servers = ZooKeeperServers.start("outside", 3);
                TempFolder folder = TempFolder.create(null, "tidemark-outside-");
                RunningCluster east = RunningCluster.start(
                        SharedBroker.product(),
                        folder.path().resolve("east"),
                        2,
                        settings(servers.connect("/tidemark/east")));
                RunningBroker west = RunningBroker.start(
                        SharedBroker.product(),
                        folder.path().resolve("west"),
                        westSettings(servers.connect("/tidemark/west")))) {
            east.awaitWhole();
            west.awaitFirstAnswer();
            assertThat(servers.list("/")).isEqualTo("[tidemark, zookeeper]");
            assertThat(servers.list("/tidemark/east/brokers/ids")).isEqualTo("[1, 2]");
            assertThat(clusterId(west.bootstrap())).isNotEqualTo(clusterId(east.bootstrap()));

            List<String> written = new ArrayList<>();
            create(east);
            writeAndRead(east, written, "first");
            takeOver(east, written);
            stopAndComeBack(east, servers, written);
            assertThat(servers.list("/tidemark/east/brokers/topics")).contains(TOPIC);
            assertThat(servers.list("/tidemark/west/brokers/topics")).doesNotContain(TOPIC);
        }
    }

    /// It has the id of a broker of the other cluster.
    private static Map<String, String> westSettings(String connect) {
        Map<String, String> settings = settings(connect);
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("default.replication.factor", "1");
        return settings;
    }

    private static void takeOver(RunningCluster cluster, List<String> written) throws Exception {
        cluster.broker(1).kill9();
        writeAndRead(cluster, written, "second");
        cluster.broker(1).launch();
        cluster.broker(1).awaitFirstAnswer();
        awaitInSync(cluster);
    }

    private static void stopAndComeBack(RunningCluster cluster, ZooKeeperServers servers, List<String> written)
            throws Exception {
        for (RunningBroker broker : cluster.brokers()) assertThat(broker.stop()).isTrue();
        assertThat(servers.list("/tidemark/east/brokers/ids")).isEqualTo("[]");
        cluster.launchAll();
        cluster.awaitWhole();
        awaitInSync(cluster);
        writeAndRead(cluster, written, "third");
    }

    private static String clusterId(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.describeCluster().clusterId().get(30, TimeUnit.SECONDS);
        }
    }

    private static void create(RunningCluster cluster) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 2)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void awaitInSync(RunningCluster cluster) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            await("all replicas are in sync", () -> isInSync(admin));
        }
    }

    private static boolean isInSync(Admin admin) throws Exception {
        return admin
                .describeTopics(List.of(TOPIC))
                .topicNameValues()
                .get(TOPIC)
                .get(30, TimeUnit.SECONDS)
                .partitions()
                .stream()
                .allMatch(partition -> partition.isr().size() == 2);
    }

    /// Adds a hundred records to those that were written; a new group then reads them all, and each once.
    private static void writeAndRead(RunningCluster cluster, List<String> written, String prefix) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", cluster.bootstrap(), "acks", "all");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (String value :
                    IntStream.range(0, 100).mapToObj(i -> prefix + "-" + i).toList()) {
                producer.send(new ProducerRecord<>(TOPIC, value, value)).get(60, TimeUnit.SECONDS);
                written.add(value);
            }
        }
        assertThat(read(cluster, "readers-of-" + prefix, written.size())).containsExactlyInAnyOrderElementsOf(written);
    }

    private static List<String> read(RunningCluster cluster, String group, int count) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", cluster.bootstrap(), "group.id", group, "auto.offset.reset", "earliest");
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            long deadlineNs = System.nanoTime() + Patience.LIMIT.toNanos();
            while (values.size() < count && System.nanoTime() < deadlineNs) {
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200)))
                    values.add(each.value());
            }
        }
        return values;
    }
}
