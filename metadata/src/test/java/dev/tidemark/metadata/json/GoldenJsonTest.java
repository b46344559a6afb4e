package dev.tidemark.metadata.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What Apache Kafka 3.9 writes into ZooKeeper.
class GoldenJsonTest {
    private static final Uuid TOPIC_ID = Uuid.parse("vZ9TBsQbTiu2qcYkLGfpIA");

    private static <T> T good(Parsed<T> parsed) {
        assertThat(parsed).isInstanceOf(Parsed.Good.class);
        return ((Parsed.Good<T>) parsed).value();
    }

    @Test
    void broker() {
        BrokerRegistration broker = new BrokerRegistration(
                1,
                77,
                List.of(
                        new BrokerEndpoint("CLIENT", "::1", 9093, "SSL"),
                        new BrokerEndpoint("INTERNAL", "kafka-1.example", 9092, "PLAINTEXT")),
                "eu-1a",
                new TreeMap<>(Map.of("group.version", new FeatureRange(0, 1))),
                true);

        Bytes json = BrokerJson.write(broker, 1700000000000L);

        assertThat(json.toUtf8())
                .isEqualTo("{\"features\":{\"group.version\":{\"min_version\":0,\"max_version\":1}},"
                        + "\"listener_security_protocol_map\":{\"CLIENT\":\"SSL\",\"INTERNAL\":\"PLAINTEXT\"},"
                        + "\"endpoints\":[\"CLIENT://[::1]:9093\",\"INTERNAL://kafka-1.example:9092\"],"
                        + "\"jmx_port\":-1,\"port\":9092,\"host\":\"kafka-1.example\",\"version\":5,"
                        + "\"timestamp\":\"1700000000000\",\"rack\":\"eu-1a\"}");
        assertThat(good(BrokerJson.parse(1, 77, json))).isEqualTo(broker);
    }

    @Test
    void aBrokerWithFailedLogDirectories() {
        BrokerRegistration sound = good(BrokerJson.parse(
                1, 7, Bytes.utf8("{\"version\":1,\"host\":\"h\",\"port\":9092,\"jmx_port\":-1,\"timestamp\":\"1\"}")));
        BrokerRegistration some =
                sound.withOffline(new OfflineReplicas(false, new TreeMap<>(Map.of(TOPIC_ID, List.of(3, 0, 0)))));
        BrokerRegistration all = sound.withOffline(OfflineReplicas.ALL);

        Bytes someJson = BrokerJson.write(some, 1);
        Bytes allJson = BrokerJson.write(all, 1);

        assertThat(someJson.toUtf8()).endsWith(",\"offline_replicas\":{\"vZ9TBsQbTiu2qcYkLGfpIA\":[0,3]}}");
        assertThat(good(BrokerJson.parse(1, 7, someJson))).isEqualTo(some);
        assertThat(allJson.toUtf8()).endsWith(",\"all_replicas_offline\":true}");
        assertThat(good(BrokerJson.parse(1, 7, allJson))).isEqualTo(all);
        assertThat(BrokerJson.write(sound, 1).toUtf8()).doesNotContain("offline");
        assertThat(BrokerJson.parse(1, 7, Bytes.utf8(someJson.toUtf8().replace("vZ9T", "?"))))
                .isNotInstanceOf(Parsed.Good.class);
        assertThat(BrokerJson.parse(1, 7, Bytes.utf8(someJson.toUtf8().replace("[0,3]", "[-1]"))))
                .isNotInstanceOf(Parsed.Good.class);
    }

    @Test
    void oldAndNewBrokers() {
        var first = good(BrokerJson.parse(
                3,
                5,
                Bytes.utf8("{\"version\":1,\"host\":\"h\",\"port\":9092,\"jmx_port\":9999,\"timestamp\":\"1\"}")));
        var later = good(BrokerJson.parse(
                3,
                5,
                Bytes.utf8("{\"version\":6,\"endpoints\":[\"PLAINTEXT://h:9092\"],\"listener_security_protocol_map\":"
                        + "{\"PLAINTEXT\":\"PLAINTEXT\"},\"new\":[{\"x\":1.5}],\"rack\":null}")));

        assertThat(first.endpoints()).isEqualTo(later.endpoints());
        assertThat(later.stoppedCleanly()).isTrue();
    }

    @Test
    void topic() {
        PartitionRegistration plain = PartitionRegistration.assigned(List.of(1, 2));
        PartitionRegistration moving =
                new PartitionRegistration(List.of(3, 1, 2), List.of(3), List.of(2), List.of(), -1, -1, -1);

        Bytes json = TopicJson.write(TOPIC_ID, List.of(plain, moving));

        assertThat(json.toUtf8())
                .isEqualTo("{\"removing_replicas\":{\"1\":[2]},\"partitions\":{\"0\":[1,2],\"1\":[3,1,2]},"
                        + "\"topic_id\":\"vZ9TBsQbTiu2qcYkLGfpIA\",\"adding_replicas\":{\"1\":[3]},\"version\":3}");
        assertThat(good(TopicJson.parse(json)))
                .isEqualTo(new TopicJson.Assignment(Optional.of(TOPIC_ID), List.of(plain, moving)));
    }

    @Test
    void partitionState() {
        PartitionRegistration partition =
                PartitionRegistration.assigned(List.of(1, 2)).withLeadership(2, 7, List.of(2, 1), 9);

        Bytes json = PartitionStateJson.write(partition, 12);

        assertThat(json.toUtf8())
                .isEqualTo("{\"controller_epoch\":12,\"leader\":2,\"version\":1,\"leader_epoch\":7,\"isr\":[2,1]}");
        assertThat(good(PartitionStateJson.parse(json)))
                .isEqualTo(new PartitionStateJson.State(2, 7, List.of(2, 1), 12));
    }

    @Test
    void theRest() {
        assertThat(ControllerJson.write(3, 1700000000000L).toUtf8())
                .isEqualTo(
                        "{\"version\":2,\"brokerid\":3,\"timestamp\":\"1700000000000\",\"kraftControllerEpoch\":-1}");
        assertThat(ControllerJson.writeEpoch(41).toUtf8()).isEqualTo("41");
        assertThat(good(ControllerJson.parseEpoch(Bytes.utf8("41")))).isEqualTo(41);
        assertThat(ClusterIdJson.write("abc").toUtf8()).isEqualTo("{\"version\":\"1\",\"id\":\"abc\"}");
        assertThat(ConfigJson.write(new TreeMap<>(Map.of("a", "x\"y\\z\n", "b", "2")))
                        .toUtf8())
                .isEqualTo("{\"version\":1,\"config\":{\"a\":\"x\\\"y\\\\z\\n\",\"b\":\"2\"}}");
        assertThat(ProducerIdBlockJson.write(new ProducerIdBlockJson.Block(1, 1000, 1999))
                        .toUtf8())
                .isEqualTo("{\"version\":1,\"broker\":1,\"block_start\":\"1000\",\"block_end\":\"1999\"}");
        assertThat(FeatureJson.write(new TreeMap<>(Map.of("transaction.version", new FeatureRange(2, 2))))
                        .toUtf8())
                .isEqualTo("{\"version\":2,\"status\":1,\"features\":{\"transaction.version\":2}}");
    }

    @Test
    void configsSurviveAnyText() {
        var config = new TreeMap<>(Map.of("k", "ü\u0001\"\\/\t😀"));

        assertThat(good(ConfigJson.parse(ConfigJson.write(config)))).isEqualTo(config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"version\":3}x",
                "{\"version\":0,\"partitions\":{}}",
                "{\"version\":4,\"partitions\":{}}",
                "{\"version\":1e9,\"partitions\":{}}",
                "{\"version\":99999999999999999999999}",
                "{\"version\":\"three\"}",
                "{\"version\":3,\"partitions\":[]}",
                "{\"version\":3,\"partitions\":{\"0\":[]}}",
                "{\"version\":3,\"partitions\":{\"0\":[1,1]}}",
                "{\"version\":3,\"partitions\":{\"0\":[-1]}}",
                "{\"version\":3,\"partitions\":{\"0\":[\"1\"]}}",
                "{\"version\":3,\"partitions\":{\"0\":[99999999999]}}",
                "{\"version\":3,\"partitions\":{\"1\":[1]}}",
                "{\"version\":3,\"partitions\":{\"0\":[1]},\"topic_id\":\"short\"}",
                "{\"version\":3,\"partitions\":{\"0\":[1]},\"topic_id\":7}",
                "{\"version\":3,\"partitions\":{\"0\":[1]},\"topic_id\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
            })
    void aTopicThatCannotBeIsToldInOneLine(String json) {
        assertThat(TopicJson.parse(Bytes.utf8(json)))
                .isInstanceOfSatisfying(
                        Parsed.Bad.class,
                        bad -> assertThat(String.valueOf(bad.why()))
                                .isNotBlank()
                                .doesNotContain("\n"));
    }

    @Test
    void pathsAreReadAsTheyAreWritten() {
        assertThat(Znodes.config(ConfigResource.DEFAULT_BROKER)).isEqualTo("/config/brokers/<default>");
        assertThat(Znodes.config(ConfigResource.group("a/b *"))).isEqualTo("/config/groups/a%2Fb%20%2A");
        for (ConfigResource resource : List.of(
                ConfigResource.DEFAULT_BROKER,
                ConfigResource.broker(3),
                ConfigResource.topic("t"),
                ConfigResource.group("a/b *ü"),
                ConfigResource.clientMetrics("m"))) {
            assertThat(Znodes.configResource(Znodes.config(resource))).contains(resource);
        }
        assertThat(Znodes.partitionOfState(Znodes.partitionState("t", 12))).contains(new TopicPartition("t", 12));
        assertThat(Znodes.partitionOfState("/brokers/topics/t/partitions/012/state"))
                .isEmpty();
        assertThat(Znodes.partitionOfState("/brokers/topics/t/partitions/99999999999/state"))
                .isEmpty();
        assertThat(Znodes.configResource("/config/changes/config_change_0000000001"))
                .isEmpty();
    }
}
