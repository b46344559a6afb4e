package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.driver.ConsoleTools;
import dev.tidemark.compatibility.matrix.Outcomes;
import dev.tidemark.compatibility.matrix.Rec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Apache Kafka's own console tools, as an operator types them.
@ExtendWith(SharedBroker.class)
class ConsoleToolsTest {
    private final RunningBroker broker;
    private final ConsoleTools tools;
    private String topic = "";

    ConsoleToolsTest(RunningBroker broker) throws IOException, InterruptedException {
        this.broker = broker;
        this.tools = new ConsoleTools(broker.bootstrap());
    }

    @BeforeEach
    void nameTopic(TestInfo test) {
        topic = "tools-" + test.getTestMethod().orElseThrow().getName();
    }

    @AfterAll
    static void writeTable() throws IOException, InterruptedException {
        Outcomes.ofThisRun().write(SharedBroker.product().version());
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void check(String tool, Work work) throws Exception {
        Outcomes.ofThisRun().check(tool, () -> {
            work.run();
            return true;
        });
    }

    /// A topic of one partition with 20 records, made by the reference.
    private void fill() throws Exception {
        try (Reference reference = new Reference(broker.bootstrap())) {
            reference.createTopic(topic, 1);
            reference.produce(topic, "none", Rec.many(20, 1, "tools"));
        }
    }

    @Test
    void topics() throws Exception {
        check("kafka-topics: create, describe, alter, list, delete", () -> {
            String command = "TopicCommand";
            tools.run(command, "--create", "--topic", topic, "--partitions", "3", "--config", "retention.ms=86400000");
            assertThat(tools.run(command, "--describe", "--topic", topic))
                    .contains("PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=86400000")
                    .containsPattern("Partition: 2\\s+Leader: 1\\s+Replicas: 1\\s+Isr: 1");
            tools.run(command, "--alter", "--topic", topic, "--partitions", "5");
            assertThat(tools.run(command, "--describe", "--topic", topic)).contains("PartitionCount: 5");
            assertThat(tools.run(command, "--list").lines()).contains(topic);
            tools.run(command, "--delete", "--topic", topic);
            assertThat(tools.run(command, "--list").lines()).doesNotContain(topic);
        });
    }

    @Test
    void transactions() throws Exception {
        check("kafka-transactions: list, describe, describe-producers, abort, find-hanging", () -> {
            String command = "TransactionsCommand";
            tools.run("TopicCommand", "--create", "--topic", topic, "--partitions", "1");
            try (KafkaProducer<String, String> producer = openTransaction()) {
                assertThat(tools.run(command, "list")).containsPattern("tools-id\\s+\\d+\\s+\\d+\\s+Ongoing");
                assertThat(tools.run(command, "describe", "--transactional-id", "tools-id"))
                        .contains("Ongoing", topic + "-0");
                assertThat(tools.run(command, "describe-producers", "--topic", topic, "--partition", "0"))
                        .containsPattern("\\d+\\s+0\\s+-1\\s+0\\s+\\d+\\s+0\\s");

                tools.run(command, "abort", "--topic", topic, "--partition", "0", "--start-offset", "0");

                assertThat(tools.run(command, "describe-producers", "--topic", topic, "--partition", "0"))
                        .contains("None");
                assertThat(tools.run(command, "find-hanging", "--broker-id", "1", "--topic", topic))
                        .doesNotContain("tools-id");
                producer.abortTransaction();
            }
        });
    }

    /// With one record in the topic.
    private KafkaProducer<String, String> openTransaction() throws Exception {
        KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "transactional.id",
                        "tools-id",
                        // Open for as long as the tools need to start, one after the other.
                        "transaction.timeout.ms",
                        900_000),
                new StringSerializer(),
                new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, "open")).get();
        return producer;
    }

    @Test
    void consoleProducerAndConsumer() throws Exception {
        check("kafka-console-producer and -consumer: each codec, keys, headers", () -> {
            tools.run("TopicCommand", "--create", "--topic", topic, "--partitions", "1");
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                tools.runWithInput(
                        "codec:" + codec + "\tkey\tvalue of " + codec + "\n",
                        "ConsoleProducer",
                        "--topic",
                        topic,
                        "--compression-codec",
                        codec,
                        "--reader-property",
                        "parse.key=true",
                        "--reader-property",
                        "parse.headers=true");
            }
            String printed = tools.run(
                    "consumer.ConsoleConsumer",
                    "--topic",
                    topic,
                    "--from-beginning",
                    "--max-messages",
                    "5",
                    "--timeout-ms",
                    "60000",
                    "--formatter-property",
                    "print.key=true",
                    "--formatter-property",
                    "print.headers=true",
                    "--formatter-property",
                    "print.offset=true");
            assertThat(printed.lines())
                    .containsExactly(
                            "Offset:0\tcodec:none\tkey\tvalue of none",
                            "Offset:1\tcodec:gzip\tkey\tvalue of gzip",
                            "Offset:2\tcodec:snappy\tkey\tvalue of snappy",
                            "Offset:3\tcodec:lz4\tkey\tvalue of lz4",
                            "Offset:4\tcodec:zstd\tkey\tvalue of zstd");
        });
    }

    @Test
    void consumerGroups() throws Exception {
        check("kafka-consumer-groups: list, describe with lag, reset, delete", () -> {
            fill();
            String command = "consumer.group.ConsumerGroupCommand";
            String group = "tools-group";
            tools.run(
                    "consumer.ConsoleConsumer",
                    "--topic",
                    topic,
                    "--group",
                    group,
                    "--from-beginning",
                    "--max-messages",
                    "12",
                    "--timeout-ms",
                    "60000");
            assertThat(tools.run(command, "--list").lines()).contains(group);
            assertThat(tools.run(command, "--describe", "--group", group))
                    .containsPattern(group + "\\s+" + topic + "\\s+0\\s+12\\s+20\\s+8\\s");
            assertThat(tools.run(command, "--describe", "--group", group, "--state"))
                    .contains("Empty");
            tools.run(command, "--reset-offsets", "--to-offset", "3", "--topic", topic, "--group", group, "--execute");
            assertThat(tools.run(command, "--describe", "--group", group))
                    .containsPattern(group + "\\s+" + topic + "\\s+0\\s+3\\s+20\\s+17\\s");
            tools.run(command, "--delete", "--group", group);
            assertThat(tools.run(command, "--list").lines()).doesNotContain(group);
        });
    }

    @Test
    void groups() throws Exception {
        check("kafka-groups: list", () -> {
            fill();
            try (Reference reference = new Reference(broker.bootstrap())) {
                reference
                        .admin()
                        .alterConsumerGroupOffsets(
                                "tools-listed", Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)))
                        .all()
                        .get();
            }
            assertThat(tools.run("GroupsCommand", "--list")).contains("tools-listed");
        });
    }

    @Test
    void configs() throws Exception {
        check("kafka-configs: topics and brokers", () -> {
            fill();
            String command = "kafka.admin.ConfigCommand";
            tools.run(command, "--alter", "--topic", topic, "--add-config", "max.message.bytes=2000000");
            assertThat(tools.run(command, "--describe", "--topic", topic)).contains("max.message.bytes=2000000");
            tools.run(command, "--alter", "--topic", topic, "--delete-config", "max.message.bytes");
            assertThat(tools.run(command, "--describe", "--topic", topic)).doesNotContain("max.message.bytes");

            assertThat(tools.run(command, "--describe", "--broker", "1", "--all"))
                    .contains("log.retention.hours=168", "num.partitions=1", "compression.type=producer");
            tools.run(command, "--alter", "--broker-defaults", "--add-config", "log.retention.ms=90000000");
            assertThat(tools.run(command, "--describe", "--broker-defaults")).contains("log.retention.ms=90000000");
            tools.run(command, "--alter", "--broker-defaults", "--delete-config", "log.retention.ms");
        });
    }

    @Test
    void offsets(@TempDir Path folder) throws Exception {
        check("kafka-get-offsets and kafka-delete-records", () -> {
            fill();
            assertThat(tools.run("GetOffsetShell", "--topic", topic)).isEqualTo(topic + ":0:20\n");
            Path json = folder.resolve("records.json");
            Files.writeString(
                    json,
                    "{\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"offset\":7}],\"version\":1}");
            assertThat(tools.run("DeleteRecordsCommand", "--offset-json-file", json.toString()))
                    .contains("low_watermark: 7");
            assertThat(tools.run("GetOffsetShell", "--topic", topic, "--time", "earliest"))
                    .isEqualTo(topic + ":0:7\n");
        });
    }

    @Test
    void logDirs() throws Exception {
        check("kafka-log-dirs and kafka-dump-log", () -> {
            fill();
            assertThat(tools.run("LogDirsCommand", "--describe", "--topic-list", topic))
                    .contains("\"partition\":\"" + topic + "-0\"")
                    .contains(broker.node().data().toString());
            Path log = broker.node().data().resolve(topic + "-0/00000000000000000000.log");
            String dump = tools.runAlone(
                    "", "DumpLogSegments", List.of("--deep-iteration", "--print-data-log", "--files", log.toString()));
            assertThat(dump)
                    .contains("lastOffset: 19")
                    .contains("isvalid: true")
                    .doesNotContain("isvalid: false");
            assertThat(dump.lines().filter(line -> line.contains("payload: tools-")))
                    .hasSize(20);
        });
    }

    @Test
    void clusterAndVersions() throws Exception {
        check("kafka-cluster and kafka-broker-api-versions", () -> {
            assertThat(tools.runAlone(
                            "", "ClusterTool", List.of("cluster-id", "--bootstrap-server", broker.bootstrap())))
                    .containsPattern("Cluster ID: \\S+");
            assertThat(tools.run("BrokerApiVersionsCommand"))
                    .contains("id: 1", "Produce(0):", "Fetch(1):", "ConsumerGroupHeartbeat(68):")
                    .doesNotContain("ERROR");
        });
    }

    @Test
    void perfTools() throws Exception {
        check("kafka-producer-perf-test and kafka-consumer-perf-test", () -> {
            tools.run("TopicCommand", "--create", "--topic", topic, "--partitions", "4");
            assertThat(tools.run(
                            "ProducerPerformance",
                            "--topic",
                            topic,
                            "--num-records",
                            "5000",
                            "--record-size",
                            "200",
                            "--throughput",
                            "-1"))
                    .contains("5000 records sent");
            assertThat(tools.run(
                            "ConsumerPerformance",
                            "--topic",
                            topic,
                            "--num-records",
                            "5000",
                            "--timeout",
                            "60000",
                            "--hide-header"))
                    .contains(", 5000, ");
        });
    }

    @Test
    void verifiableClients() throws Exception {
        check("kafka-verifiable-producer and -consumer", () -> {
            tools.run("TopicCommand", "--create", "--topic", topic, "--partitions", "2");
            assertThat(tools.run("VerifiableProducer", "--topic", topic, "--max-messages", "300", "--acks", "-1"))
                    .contains("\"sent\":300", "\"acked\":300");
            assertThat(tools.run(
                            "VerifiableConsumer",
                            "--topic",
                            topic,
                            "--group-id",
                            "verifiable",
                            "--max-messages",
                            "300",
                            "--reset-policy",
                            "earliest"))
                    .contains("\"name\":\"shutdown_complete\"");
        });
    }
}
