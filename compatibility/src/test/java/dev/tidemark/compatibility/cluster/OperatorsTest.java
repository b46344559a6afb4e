package dev.tidemark.compatibility.cluster;

import static dev.tidemark.compatibility.cluster.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.compatibility.driver.ConsoleTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What operators do to a cluster, with Apache Kafka's own tools and three processes.
@Tag("cluster")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OperatorsTest {
    private static final String REASSIGN = "reassign.ReassignPartitionsCommand";
    private static ThreeBrokers brokers;
    private static ConsoleTools tools;

    @BeforeAll
    static void startCluster() throws Exception {
        brokers = ThreeBrokers.start("operators", _ -> Map.of("auto.leader.rebalance.enable", "false"));
        tools = new ConsoleTools(brokers.bootstrap());
    }

    @AfterAll
    static void stopCluster() throws IOException {
        brokers.close();
    }

    @AfterEach
    void bringAllBack() throws Exception {
        brokers.bringAllBack();
    }

    // ---- reassignment

    @Test
    void aTopicMovesUnderAThrottleThatIsTakenAwayAtTheEnd() throws Exception {
        brokers.create("moved", List.of(1, 2), Map.of());
        fill("moved", 2_000_000);
        Path topics = file("{\"version\":1,\"topics\":[{\"topic\":\"moved\"}]}");
        assertThat(tools.run(
                        REASSIGN,
                        "--generate",
                        "--topics-to-move-json-file",
                        topics.toString(),
                        "--broker-list",
                        "2,3"))
                .contains("Current partition replica assignment", "Proposed partition reassignment configuration")
                .contains("\"replicas\":[1,2]");
        Path plan = plan("moved", 3, 2);

        assertThat(tools.run(
                        REASSIGN, "--reassignment-json-file", plan.toString(), "--execute", "--throttle", "2000000"))
                .contains("The inter-broker throttle limit was set to 2000000 B/s")
                .contains("Successfully started partition reassignment for moved-0");
        await(
                "the topic has moved",
                () -> brokers.replicas("moved").equals(List.of(3, 2))
                        && brokers.isr("moved").size() == 2);

        assertThat(tools.run(REASSIGN, "--reassignment-json-file", plan.toString(), "--verify"))
                .contains("Reassignment of partition moved-0 is completed.")
                .contains("Clearing broker-level throttles", "Clearing topic-level throttles");
        assertThat(configs(new ConfigResource(ConfigResource.Type.TOPIC, "moved")))
                .doesNotContain("throttled");
        assertThat(configs(new ConfigResource(ConfigResource.Type.BROKER, "3"))).doesNotContain("throttled");
        assertThat(brokers.leader("moved")).isEqualTo(3);
    }

    @Test
    void aReassignmentIsListedAndCancelled() throws Exception {
        brokers.create("cancelled", List.of(1), Map.of());
        fill("cancelled", 4_000_000);
        Path plan = plan("cancelled", 2);
        tools.run(REASSIGN, "--reassignment-json-file", plan.toString(), "--execute", "--throttle", "20000");

        assertThat(tools.run(REASSIGN, "--list"))
                .contains("Current partition reassignments:")
                .contains("cancelled-0: replicas: 2,1. adding: 2. removing: 1.");
        assertThat(tools.run(REASSIGN, "--reassignment-json-file", plan.toString(), "--cancel"))
                .contains("Successfully cancelled partition reassignment for: cancelled-0");

        assertThat(brokers.replicas("cancelled")).containsExactly(1);
        assertThat(brokers.leader("cancelled")).isEqualTo(1);
        assertThat(tools.run(REASSIGN, "--list")).contains("No partition reassignments found.");
    }

    @Test
    void aReassignmentToAnUnknownBrokerIsRefused() throws Exception {
        brokers.create("stays", List.of(1, 2), Map.of());
        var partition = new TopicPartition("stays", 0);
        var wanted = Optional.of(new NewPartitionReassignment(List.of(1, 7)));

        Throwable refused = catchThrowable(() -> brokers.admin()
                .alterPartitionReassignments(Map.of(partition, wanted))
                .all()
                .get(30, TimeUnit.SECONDS));

        assertThat(refused)
                .hasCauseInstanceOf(InvalidReplicaAssignmentException.class)
                .hasMessageContaining("Broker 7 of the replica list of stays-0 is not registered.");
        assertThat(brokers.replicas("stays")).containsExactly(1, 2);
    }

    @Test
    void moreReplicasThanBrokersAreRefused() {
        Throwable refused = catchThrowable(() -> brokers.admin()
                .createTopics(List.of(new NewTopic("wide", 1, (short) 4)))
                .all()
                .get(30, TimeUnit.SECONDS));

        assertThat(refused)
                .hasCauseInstanceOf(InvalidReplicationFactorException.class)
                .hasMessageContaining("4")
                .hasMessageContaining("3");
    }

    // ---- elections

    @Test
    void thePreferredReplicaLeadsAgain() throws Exception {
        brokers.create("preferred", List.of(2, 1, 3), Map.of());
        brokers.kill9(2);
        await("another leads", () -> brokers.leader("preferred") == 1);
        brokers.bringBack(2);
        await("it is in sync", () -> brokers.isr("preferred").size() == 3);

        String elected = tools.run(
                "LeaderElectionCommand", "--election-type", "PREFERRED", "--topic", "preferred", "--partition", "0");

        assertThat(elected).contains("Successfully completed leader election (PREFERRED) for partitions preferred-0");
        assertThat(brokers.leader("preferred")).isEqualTo(2);
        assertThat(tools.run(
                        "LeaderElectionCommand",
                        "--election-type",
                        "PREFERRED",
                        "--topic",
                        "preferred",
                        "--partition",
                        "0"))
                .contains("Valid replica already elected for partitions preferred-0");
    }

    @Test
    void aReplicaThatIsBehindLeadsOnlyWhereTheOperatorSaysSo() throws Exception {
        brokers.create("behind", List.of(1, 2), Map.of());
        brokers.kill9(2);
        await("it leaves the ISR", () -> brokers.isr("behind").equals(List.of(1)));
        fill("behind", 1_000);
        brokers.kill9(1);
        brokers.bringBack(2);
        await("nobody leads", () -> brokers.leader("behind") == -1);

        String elected = tools.run(
                "LeaderElectionCommand", "--election-type", "UNCLEAN", "--topic", "behind", "--partition", "0");

        assertThat(elected).contains("Successfully completed leader election (UNCLEAN) for partitions behind-0");
        assertThat(brokers.leader("behind")).isEqualTo(2);
        brokers.bringBack(1);
        await("the other one follows", () -> brokers.isr("behind").size() == 2);
    }

    @Test
    void anElectionIsAskedForInAFile() throws Exception {
        brokers.create("listed", List.of(3, 1, 2), Map.of());
        brokers.kill9(3);
        await("another leads", () -> brokers.leader("listed") == 1);
        Path partitions = file("{\"partitions\":[{\"topic\":\"listed\",\"partition\":0}]}");

        assertThat(tools.run(
                        "LeaderElectionCommand",
                        "--election-type",
                        "UNCLEAN",
                        "--path-to-json-file",
                        partitions.toString()))
                .contains("Valid replica already elected for partitions listed-0");
        brokers.bringBack(3);
        await("it is in sync", () -> brokers.isr("listed").size() == 3);

        assertThat(tools.run("LeaderElectionCommand", "--election-type", "PREFERRED", "--all-topic-partitions"))
                .contains("listed-0");
        assertThat(brokers.leader("listed")).isEqualTo(3);
    }

    // ---- the data

    @Test
    void allReplicasHoldTheSame() throws Exception {
        brokers.create("verified", List.of(1, 2, 3), Map.of());
        fill("verified", 1_000_000);

        String report = tools.runUntil(
                "max lag is 0 for partition verified-0 at offset 100 among 1 partitions",
                "ReplicaVerificationTool",
                List.of(
                        "--broker-list",
                        brokers.bootstrap(),
                        "--topics-include",
                        "verified",
                        "--time",
                        "-2",
                        "--report-interval-ms",
                        "200"));

        assertThat(report).doesNotContain("unmatched", "doesn't match");
    }

    @Test
    void everyBrokerTellsOfItsLogDirectories() throws Exception {
        brokers.create("measured", List.of(1, 3), Map.of());
        fill("measured", 500_000);
        await("it is copied", () -> brokers.isr("measured").size() == 2);

        String described =
                tools.run("LogDirsCommand", "--describe", "--topic-list", "measured", "--broker-list", "1,2,3");

        assertThat(described).contains("\"broker\":1", "\"broker\":2", "\"broker\":3", "\"error\":null");
        assertThat(described.split("\"partition\":\"measured-0\"", -1)).hasSize(3);
        assertThat(described).contains("\"offsetLag\":0", "\"isFuture\":false");
    }

    // ---- the cluster

    /// A registration ends with its broker's process, so that there is never one to take away.
    @Test
    void nobodyIsUnregisteredWhoLives() throws Exception {
        String endpoint = brokers.bootstrap();

        assertThat(tools.fails("ClusterTool", List.of("unregister", "--bootstrap-server", endpoint, "--id", "2")))
                .contains("Broker 2 is alive: stop it, and its registration ends by itself.");
        assertThat(tools.fails("ClusterTool", List.of("unregister", "--bootstrap-server", endpoint, "--id", "9")))
                .contains("Broker 9 is not registered");
        assertThat(clusterTool("list-endpoints")).containsPattern("(?m)^2 .*127.0.0.1");
    }

    @Test
    void toolsDescribeTheCluster() throws Exception {
        String id = brokers.admin().describeCluster().clusterId().get(30, TimeUnit.SECONDS);

        assertThat(clusterTool("cluster-id")).contains("Cluster ID: " + id);
        assertThat(clusterTool("list-endpoints"))
                .containsPattern("(?m)^1 .*127.0.0.1")
                .containsPattern("(?m)^3 .*127.0.0.1");
        assertThat(tools.run("BrokerApiVersionsCommand")).contains("(id: 1 ", "(id: 2 ", "(id: 3 ");
    }

    @Test
    void featuresAreFinalizedOnAllBrokers() throws Exception {
        assertThat(tools.run("FeatureCommand", "describe"))
                .containsPattern("Feature: group.version\\s+SupportedMinVersion: 0\\s+SupportedMaxVersion: 1");
        tools.run("FeatureCommand", "downgrade", "--feature", "group.version=0");
        assertThat(tools.run("FeatureCommand", "describe"))
                .containsPattern("Feature: group.version.*FinalizedVersionLevel: 0");
        tools.run("FeatureCommand", "upgrade", "--feature", "group.version=1");
        assertThat(tools.run("FeatureCommand", "describe"))
                .containsPattern("Feature: group.version.*FinalizedVersionLevel: 1");
    }

    private static String clusterTool(String command) throws Exception {
        return tools.runAlone("", "ClusterTool", List.of(command, "--bootstrap-server", brokers.bootstrap()));
    }

    // ---- what the cluster knows

    private static Path plan(String topic, int... replicas) throws IOException {
        List<String> ids = new ArrayList<>();
        for (int replica : replicas) ids.add(Integer.toString(replica));
        return file("{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"replicas\":["
                + String.join(",", ids) + "]}]}");
    }

    private static Path file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(brokers.folder(), "plan", ".json"), content);
    }

    private static void fill(String topic, int bytes) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", brokers.bootstrap(), "batch.size", 100_000);
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            int rest = bytes;
            while (rest > 0) {
                var _ = producer.send(new ProducerRecord<>(topic, new byte[Math.min(rest, 10_000)]));
                rest -= 10_000;
            }
            producer.flush();
        }
    }

    private static String configs(ConfigResource resource) throws Exception {
        return brokers
                .admin()
                .describeConfigs(List.of(resource))
                .all()
                .get(30, TimeUnit.SECONDS)
                .get(resource)
                .entries()
                .stream()
                .filter(entry -> entry.source().name().startsWith("DYNAMIC"))
                .map(entry -> entry.name() + "=" + entry.value() + "\n")
                .reduce("", String::concat);
    }
}
