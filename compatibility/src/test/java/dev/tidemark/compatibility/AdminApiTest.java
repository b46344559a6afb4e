package dev.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.bench.broker.RunningBroker;
import dev.tidemark.compatibility.matrix.Outcomes;
import dev.tidemark.compatibility.matrix.Rec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/// What only the newest Admin client asks, and what it must be refused, in the words of Kafka's exceptions.
@ExtendWith(SharedBroker.class)
class AdminApiTest {
    private final RunningBroker broker;
    private final Reference reference;
    private final Admin admin;
    private String topic = "";

    AdminApiTest(RunningBroker broker) {
        this.broker = broker;
        this.reference = new Reference(broker.bootstrap());
        this.admin = reference.admin();
    }

    @BeforeEach
    void nameTopic(TestInfo test) {
        topic = "admin-" + test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void closeAdmin() {
        reference.close();
    }

    @AfterAll
    static void writeTable() throws IOException, InterruptedException {
        Outcomes.ofThisRun().write(SharedBroker.product().version());
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void check(String what, Work work) throws Exception {
        Outcomes.ofThisRun().check("Admin of kafka-clients 4.4.0: " + what, () -> {
            work.run();
            return true;
        });
    }

    private void fill(int records) throws ExecutionException, InterruptedException {
        reference.createTopic(topic, 1);
        reference.produce(topic, "none", Rec.many(records, 1, "admin"));
    }

    @Test
    void describesTheCluster() throws Exception {
        check("describeCluster", () -> {
            DescribeClusterResult cluster = admin.describeCluster();

            assertThat(cluster.clusterId().get()).isNotBlank();
            assertThat(cluster.nodes().get())
                    .singleElement()
                    .satisfies(node ->
                            assertThat(node.port()).isEqualTo(broker.node().port()));
            assertThat(cluster.controller().get().id()).isEqualTo(1);
        });
    }

    @Test
    void describesTopicsByNameAndId() throws Exception {
        check("describeTopics by name and by id", () -> {
            reference.createTopic(topic, 3);
            TopicDescription byName =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            assertThat(byName.topicId()).isNotEqualTo(Uuid.ZERO_UUID);
            assertThat(byName.partitions()).hasSize(3).allSatisfy(partition -> {
                assertThat(partition.leader().id()).isEqualTo(1);
                assertThat(partition.isr()).hasSize(1);
            });

            TopicCollection ids = TopicCollection.ofTopicIds(List.of(byName.topicId()));
            TopicDescription byId =
                    admin.describeTopics(ids).allTopicIds().get().get(byName.topicId());
            assertThat(byId.name()).isEqualTo(topic);
            assertThat(byId.partitions()).hasSize(3);
        });
    }

    @Test
    void listsOffsetsOfEveryKind() throws Exception {
        check("listOffsets: earliest, latest, timestamp, max timestamp", () -> {
            reference.createTopic(topic, 1);
            long start = System.currentTimeMillis() - 100_000;
            List<Rec> records = new ArrayList<>();
            for (int i : new int[] {0, 1, 5, 3, 2}) records.add(new Rec(0, "k", "v", Map.of(), start + i * 1000L));
            reference.produce(topic, "none", records);
            TopicPartition partition = new TopicPartition(topic, 0);

            assertThat(offset(partition, OffsetSpec.earliest())).isZero();
            assertThat(offset(partition, OffsetSpec.latest())).isEqualTo(5);
            assertThat(offset(partition, OffsetSpec.forTimestamp(start + 1_500)))
                    .isEqualTo(2);
            assertThat(offset(partition, OffsetSpec.forTimestamp(start + 60_000)))
                    .isEqualTo(-1);
            assertThat(offset(partition, OffsetSpec.maxTimestamp())).isEqualTo(2);
            assertThat(offset(partition, OffsetSpec.earliestLocal())).isZero();
            assertThat(offset(partition, OffsetSpec.latestTiered())).isEqualTo(-1);
        });
    }

    private long offset(TopicPartition partition, OffsetSpec spec) throws ExecutionException, InterruptedException {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    @Test
    void describesLogDirs() throws Exception {
        check("describeLogDirs", () -> {
            fill(50);
            Map<String, LogDirDescription> dirs =
                    admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);

            assertThat(dirs).containsOnlyKeys(broker.node().data().toString());
            LogDirDescription dir = dirs.values().iterator().next();
            assertThat(dir.error()).isNull();
            assertThat(dir.totalBytes()).isPresent();
            assertThat(dir.replicaInfos().get(new TopicPartition(topic, 0)).size())
                    .isPositive();
        });
    }

    @Test
    void describesProducers() throws Exception {
        check("describeProducers", () -> {
            fill(10);
            TopicPartition partition = new TopicPartition(topic, 0);
            List<ProducerState> active = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get()
                    .activeProducers();

            assertThat(active).singleElement().satisfies(producer -> {
                assertThat(producer.lastSequence()).isEqualTo(9);
                assertThat(producer.currentTransactionStartOffset()).isEmpty();
            });
        });
    }

    @Test
    void altersAndDeletesOffsetsOfAGroup() throws Exception {
        check("alter and delete offsets of a group", () -> {
            fill(10);
            String group = "admin-offsets";
            TopicPartition partition = new TopicPartition(topic, 0);
            admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(4, "by hand")))
                    .all()
                    .get();
            assertThat(offsets(group)).containsEntry(partition, new OffsetAndMetadata(4, "by hand"));

            admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all().get();
            assertThat(offsets(group)).doesNotContainKey(partition);
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(String group)
            throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @Test
    void tellsWhereAConfigurationComesFrom() throws Exception {
        check("describeConfigs: value, source, synonyms, documentation", () -> {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            change(resource, new ConfigEntry("cleanup.policy", "delete"), AlterConfigOp.OpType.APPEND);

            var configs = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(Set.of(configs.get("cleanup.policy").value().split(",")))
                    .containsExactlyInAnyOrder("compact", "delete");
            assertThat(configs.get("cleanup.policy").source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            assertThat(configs.get("retention.ms").source()).isEqualTo(ConfigEntry.ConfigSource.DEFAULT_CONFIG);
            assertThat(configs.get("retention.ms").value()).isEqualTo("604800000");

            ConfigResource ofBroker = new ConfigResource(ConfigResource.Type.BROKER, "1");
            var brokers = admin.describeConfigs(List.of(ofBroker)).all().get().get(ofBroker);
            assertThat(brokers.get("log.dirs").source()).isEqualTo(ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG);
            assertThat(brokers.get("log.dirs").isReadOnly()).isTrue();
        });
    }

    private void change(ConfigResource resource, ConfigEntry entry, AlterConfigOp.OpType type)
            throws ExecutionException, InterruptedException {
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(entry, type));
        admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
    }

    @Test
    void refusesWhatIsWrong() throws Exception {
        check("refusals by Kafka's errors", () -> {
            reference.createTopic(topic, 2);
            assertRefused(() -> reference.createTopic(topic, 1), TopicExistsException.class);
            assertRefused(() -> reference.createTopic("no/such name", 1), InvalidTopicException.class);
            assertRefused(() -> reference.createTopic("zero-partitions", 0), InvalidPartitionsException.class);
            assertRefused(
                    () -> admin.createTopics(List.of(new NewTopic("three-replicas", 1, (short) 3)))
                            .all()
                            .get(),
                    InvalidReplicationFactorException.class);
            assertRefused(
                    () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(1)))
                            .all()
                            .get(),
                    InvalidPartitionsException.class);
            assertRefused(
                    () -> admin.deleteTopics(List.of("not-there")).all().get(), UnknownTopicOrPartitionException.class);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            assertRefused(
                    () -> change(resource, new ConfigEntry("retention.ms", "soon"), AlterConfigOp.OpType.SET),
                    InvalidConfigurationException.class);
            assertRefused(
                    () -> admin.deleteConsumerGroups(List.of("not-there")).all().get(), GroupIdNotFoundException.class);
        });
    }

    private interface Asked {
        void now() throws Exception;
    }

    private static void assertRefused(Asked asked, Class<? extends Exception> how) {
        assertThatThrownBy(asked::now).hasCauseInstanceOf(how);
    }

    @Test
    void validatesWithoutCreating() throws Exception {
        check("createTopics with validateOnly", () -> {
            admin.createTopics(
                            List.of(new NewTopic(topic, 1, (short) 1)),
                            new org.apache.kafka.clients.admin.CreateTopicsOptions().validateOnly(true))
                    .all()
                    .get();
            assertThat(admin.listTopics().names().get()).doesNotContain(topic);
        });
    }

    @Test
    void makesManyTopicsAtOnce() throws Exception {
        check("50 topics of 4 partitions at once, each takes a record", () -> {
            List<NewTopic> topics = IntStream.range(0, 50)
                    .mapToObj(i -> new NewTopic(topic + "-" + i, 4, (short) 1))
                    .toList();
            admin.createTopics(topics).all().get();
            for (int i = 0; i < 50; i++) reference.produce(topic + "-" + i, "none", Rec.many(4, 4, "many"));
            admin.deleteTopics(topics.stream().map(NewTopic::name).toList())
                    .all()
                    .get();
            assertThat(admin.listTopics().names().get()).noneMatch(name -> name.startsWith(topic + "-"));
        });
    }
}
