package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.metadata.controller.ConfigAlteration.Entry;
import dev.tidemark.metadata.controller.ConfigAlteration.Operation;
import dev.tidemark.metadata.controller.ControllerInput.AlterConfigs;
import dev.tidemark.metadata.controller.ControllerInput.CreatePartitions;
import dev.tidemark.metadata.controller.ControllerInput.DeleteTopics;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.ControllerReply.ConfigsAltered;
import dev.tidemark.metadata.controller.ControllerReply.PartitionsCreated;
import dev.tidemark.metadata.controller.ControllerReply.TopicsDeleted;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicChangesTest {
    private final Cluster cluster = new Cluster(3);

    private ErrorCode addPartitions(String topic, int count, List<List<Integer>> assignments) {
        var reply = cluster.run(new CreatePartitions(
                List.of(new PartitionsRequest(topic, count, assignments)), false, Origin.CLIENT, 0));
        return ((PartitionsCreated) reply).topics().getFirst().outcome().error();
    }

    @Test
    void newPartitionsGoOnWithTheRound() {
        cluster.create("t", 3, 2);

        assertThat(addPartitions("t", 6, List.of())).isEqualTo(ErrorCode.NONE);

        assertThat(cluster.image.topics().partitionCount()).isEqualTo(6);
        List<Integer> leaders = java.util.stream.IntStream.range(0, 6)
                .mapToObj(p -> cluster.partition("t", p).leader())
                .toList();
        assertThat(leaders).containsExactly(1, 2, 3, 1, 2, 3);
    }

    @ParameterizedTest
    @CsvSource({"0", "2", "3", "-1"})
    void aTopicDoesNotShrinkNorStay(int count) {
        cluster.create("t", 3, 1);

        assertThat(addPartitions("t", count, List.of())).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(addPartitions("t", 2_000_000_000, List.of())).isEqualTo(ErrorCode.INVALID_PARTITIONS);
    }

    @Test
    void assignmentsOfNewPartitionsMustFit() {
        cluster.create("t", 1, 2);

        assertThat(addPartitions("t", 3, List.of(List.of(1, 2)))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(addPartitions("t", 2, List.of(List.of(1)))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(addPartitions("t", 2, List.of(List.of(1, 9)))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(addPartitions("t", 2, List.of(List.of(3, 2)))).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.partition("t", 1).leader()).isEqualTo(3);
        assertThat(addPartitions("nobody", 2, List.of())).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void deletionIsByNameOrById() {
        cluster.create("a", 1, 1);
        var b = cluster.create("b", 1, 1);

        var reply = (TopicsDeleted) cluster.run(new DeleteTopics(
                List.of(
                        TopicSelector.byName("a"),
                        TopicSelector.byId(b.id()),
                        TopicSelector.byName("c"),
                        TopicSelector.byId(cluster.newId()),
                        TopicSelector.byName("a")),
                Origin.CLIENT));

        assertThat(reply.topics().stream().map(t -> t.outcome().error()))
                .containsExactly(
                        ErrorCode.NONE,
                        ErrorCode.NONE,
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        ErrorCode.UNKNOWN_TOPIC_ID,
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(cluster.image.topics().byName()).isEmpty();
        assertThat(cluster.image.topics().nameById()).isEmpty();
        assertThat(cluster.image.topics().partitionCount()).isZero();
    }

    @Test
    void theNameOfALargeTopicIsTakenUntilItsZnodesAreGone() {
        cluster.create("large", 20_000, 1);

        cluster.run(new DeleteTopics(List.of(TopicSelector.byName("large")), Origin.CLIENT));

        assertThat(cluster.image.topics().byName()).isEmpty();
        assertThat(cluster.create("large", 1, 1).outcome().error()).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
    }

    @Test
    void internalTopicsAreNotForClientsToDelete() {
        cluster.run(new ControllerInput.CreateTopics(
                List.of(TopicRequest.of("__consumer_offsets", cluster.newId(), 50, 1)), false, Origin.BROKER, 0));

        var reply = (TopicsDeleted)
                cluster.run(new DeleteTopics(List.of(TopicSelector.byName("__consumer_offsets")), Origin.CLIENT));

        assertThat(reply.topics().getFirst().outcome().error()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    private ErrorCode alter(ConfigResource resource, boolean replaceAll, Entry... entries) {
        var reply = (ConfigsAltered) cluster.run(
                new AlterConfigs(List.of(new ConfigAlteration(resource, replaceAll, List.of(entries))), false));
        return reply.resources().getFirst().outcome().error();
    }

    @Test
    void incrementalChangesTouchOnlyTheirKeys() {
        ConfigResource topic = ConfigResource.topic("t");
        cluster.create(new TopicRequest(
                "t", cluster.newId(), 1, 1, new TreeMap<>(), new TreeMap<>(Map.of("a", "1", "b", "2"))));

        assertThat(alter(topic, false, new Entry("a", Operation.DELETE, null), new Entry("c", Operation.SET, "3")))
                .isEqualTo(ErrorCode.NONE);

        assertThat(cluster.image.configs().topic("t")).containsOnly(Map.entry("b", "2"), Map.entry("c", "3"));
        assertThat(cluster.image.configs().of(topic).nodeVersion()).isEqualTo(1);
    }

    @Test
    void replacingChangesLeaveOnlyTheirKeys() {
        ConfigResource topic = ConfigResource.topic("t");
        cluster.create(new TopicRequest(
                "t", cluster.newId(), 1, 1, new TreeMap<>(), new TreeMap<>(Map.of("a", "1", "b", "2"))));

        assertThat(alter(topic, true, new Entry("c", Operation.SET, "3"))).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.image.configs().topic("t")).containsOnly(Map.entry("c", "3"));

        assertThat(alter(topic, true)).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.image.configs().of(topic).exists()).isFalse();
    }

    @Test
    void listsCanBeAddedToAndTakenFrom() {
        ConfigResource topic = ConfigResource.topic("t");
        cluster.create("t", 1, 1);

        alter(topic, false, new Entry("cleanup.policy", Operation.APPEND, "delete, compact"));
        alter(topic, false, new Entry("cleanup.policy", Operation.APPEND, "compact"));
        assertThat(cluster.image.configs().topic("t")).containsEntry("cleanup.policy", "delete,compact");
        alter(topic, false, new Entry("cleanup.policy", Operation.SUBTRACT, "delete"));

        assertThat(cluster.image.configs().topic("t")).containsEntry("cleanup.policy", "compact");
        assertThat(alter(topic, false, new Entry("retention.ms", Operation.APPEND, "1")))
                .isEqualTo(ErrorCode.INVALID_CONFIG);
    }

    @Test
    void resourcesThatAreNoneAreRefused() {
        Entry entry = new Entry("a", Operation.SET, "1");

        assertThat(alter(ConfigResource.topic("nobody"), false, entry)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(alter(ConfigResource.topic("../.."), false, entry)).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
        assertThat(alter(new ConfigResource(ConfigResource.Type.BROKER, "x"), false, entry))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(alter(new ConfigResource(ConfigResource.Type.BROKER, "9"), false, entry))
                .isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED);
        assertThat(alter(ConfigResource.group(".."), false, entry)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(alter(ConfigResource.DEFAULT_BROKER, false, entry)).isEqualTo(ErrorCode.NONE);
        assertThat(alter(ConfigResource.group("a/b"), false, entry)).isEqualTo(ErrorCode.NONE);
        assertThat(alter(ConfigResource.DEFAULT_BROKER, false, entry, entry)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(alter(ConfigResource.DEFAULT_BROKER, false, new Entry("a", Operation.SET, null)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }
}
