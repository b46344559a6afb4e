package dev.tidemark.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput.CreateTopics;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerReply.TopicCreation;
import dev.tidemark.metadata.controller.ControllerReply.TopicsCreated;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreateTopicsTest {
    private final Cluster cluster = new Cluster(3);

    @Test
    void aTopicGetsItsIdItsLeadersAndItsConfigs() {
        Uuid id = cluster.newId();

        TopicCreation created = cluster.create(new TopicRequest(
                "flights", id, 6, 2, new TreeMap<>(), new TreeMap<>(Map.of("cleanup.policy", "compact"))));

        assertThat(created.outcome().isOk()).isTrue();
        assertThat(created.id()).isEqualTo(id);
        assertThat(created.partitions()).isEqualTo(6);
        assertThat(created.replicationFactor()).isEqualTo(2);
        assertThat(cluster.image.configs().topic("flights")).containsEntry("cleanup.policy", "compact");
        for (int p = 0; p < 6; p++) {
            var partition = cluster.partition("flights", p);
            assertThat(partition.leader()).isEqualTo(partition.replicas().getFirst());
            assertThat(partition.isr()).isEqualTo(partition.replicas());
            assertThat(partition.leaderEpoch()).isZero();
            assertThat(partition.partitionEpoch()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a\\b", "a b", "a\0b", "ä", "a:b", "a\n"})
    void aNameThatIsNoneIsRefused(String name) {
        assertThat(cluster.create(name, 1, 1).outcome().error()).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void theLengthOfANameIsBounded() {
        assertThat(cluster.create("x".repeat(249), 1, 1).outcome().isOk()).isTrue();
        assertThat(cluster.create("x".repeat(250), 1, 1).outcome().error())
                .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }

    @ParameterizedTest
    @CsvSource({"a.b.c,a_b.c", "a_b,a.b", "x._,x_.", ".a,_a", "my.topic_,my_topic."})
    void namesThatMeetInMetricsCollide(String first, String second) {
        cluster.create(first, 1, 1);

        var outcome = cluster.create(second, 1, 1).outcome();

        assertThat(outcome.error()).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
        assertThat(outcome.message()).contains(first);
    }

    @Test
    void namesThatOnlyLookAlikeDoNotCollide() {
        cluster.create("a.b", 1, 1);

        assertThat(cluster.create("a.c", 1, 1).outcome().isOk()).isTrue();
        assertThat(cluster.create("a-b", 1, 1).outcome().isOk()).isTrue();
        assertThat(cluster.create("a.bb", 1, 1).outcome().isOk()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, INVALID_PARTITIONS",
        "-2, 1, INVALID_PARTITIONS",
        "1000000, 1, INVALID_PARTITIONS",
        "2147483647, 1, INVALID_PARTITIONS",
        "1, 0, INVALID_REPLICATION_FACTOR",
        "1, -2, INVALID_REPLICATION_FACTOR",
        "1, 4, INVALID_REPLICATION_FACTOR",
        "1, 32767, INVALID_REPLICATION_FACTOR"
    })
    void countsThatCannotBeAreRefused(int partitions, int replicationFactor, ErrorCode error) {
        assertThat(cluster.create("t", partitions, replicationFactor).outcome().error())
                .isEqualTo(error);
        assertThat(cluster.image.topics().byName()).isEmpty();
    }

    @Test
    void oneRequestCannotCreateTooManyPartitionsInAll() {
        List<TopicRequest> requests = List.of(
                TopicRequest.of("a", cluster.newId(), 40_000, 1),
                TopicRequest.of("b", cluster.newId(), 40_000, 1),
                TopicRequest.of("c", cluster.newId(), 40_000, 1));

        var reply = (TopicsCreated) cluster.run(new CreateTopics(requests, false, Origin.CLIENT, 0));

        assertThat(reply.topics().stream().map(t -> t.outcome().error()))
                .containsExactly(ErrorCode.NONE, ErrorCode.NONE, ErrorCode.POLICY_VIOLATION);
    }

    @Test
    void defaultsAreTheClusters() {
        Cluster large = new Cluster(ControllerSettings.DEFAULTS.withDefaults(5, 2), 3);

        TopicCreation created = large.create("t", TopicRequest.DEFAULT, TopicRequest.DEFAULT);

        assertThat(created.partitions()).isEqualTo(5);
        assertThat(created.replicationFactor()).isEqualTo(2);
    }

    @Test
    void replicasChosenByHandAreTaken() {
        var created = cluster.create(assigned(Map.of(0, List.of(3, 1), 1, List.of(2, 3))));

        assertThat(created.outcome().isOk()).isTrue();
        assertThat(cluster.partition("t", 0).leader()).isEqualTo(3);
        assertThat(cluster.partition("t", 1).replicas()).containsExactly(2, 3);
    }

    @Test
    void replicasThatCannotBeAreRefused() {
        assertRefused(Map.of(0, List.of(1, 1)));
        assertRefused(Map.of(0, List.of()));
        assertRefused(Map.of(0, List.of(1), 2, List.of(1)));
        assertRefused(Map.of(1, List.of(1)));
        assertRefused(Map.of(0, List.of(1), 1, List.of(1, 2)));
        assertRefused(Map.of(0, List.of(99)));
        assertRefused(Map.of(0, List.of(-1)));
        assertRefused(Map.of(-1, List.of(1), 0, List.of(1)));
    }

    private void assertRefused(Map<Integer, List<Integer>> assignments) {
        assertThat(cluster.create(assigned(assignments)).outcome().error())
                .as("%s", assignments)
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    }

    private TopicRequest assigned(Map<Integer, List<Integer>> assignments) {
        return new TopicRequest("t", cluster.newId(), -1, -1, new TreeMap<>(assignments), new TreeMap<>());
    }

    @Test
    void countsAndReplicasTogetherContradict() {
        var request =
                new TopicRequest("t", cluster.newId(), 1, -1, new TreeMap<>(Map.of(0, List.of(1))), new TreeMap<>());

        assertThat(cluster.create(request).outcome().error()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void whatExistsIsNotCreatedAgain() {
        cluster.create("t", 1, 1);

        assertThat(cluster.create("t", 1, 1).outcome().error()).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
    }

    @Test
    void aNameTwiceInARequestIsRefusedBothTimes() {
        List<TopicRequest> requests = List.of(
                TopicRequest.of("t", cluster.newId(), 1, 1),
                TopicRequest.of("u", cluster.newId(), 1, 1),
                TopicRequest.of("t", cluster.newId(), 1, 1));

        var reply = (TopicsCreated) cluster.run(new CreateTopics(requests, false, Origin.CLIENT, 0));

        assertThat(reply.topics().stream().map(t -> t.outcome().error()))
                .containsExactly(ErrorCode.INVALID_REQUEST, ErrorCode.NONE, ErrorCode.INVALID_REQUEST);
    }

    @Test
    void validationAloneWritesNothing() {
        var request = new CreateTopics(List.of(TopicRequest.of("t", cluster.newId(), 4, 1)), true, Origin.CLIENT, 0);

        Decision decision = cluster.controller.decide(cluster.image, request);

        assertThat(decision.facts()).isEmpty();
        var created = ((TopicsCreated) decision.reply()).topics().getFirst();
        assertThat(created.outcome().isOk()).isTrue();
        assertThat(created.partitions()).isEqualTo(4);
        assertThat(created.id()).isEqualTo(Uuid.ZERO);
    }

    @Test
    void internalTopicsAreForBrokers() {
        assertThat(cluster.create("__consumer_offsets", 50, 1).outcome().error())
                .isEqualTo(ErrorCode.INVALID_REQUEST);

        var reply = (TopicsCreated) cluster.run(new CreateTopics(
                List.of(TopicRequest.of("__consumer_offsets", cluster.newId(), 50, 1)), false, Origin.BROKER, 0));

        assertThat(reply.topics().getFirst().outcome().isOk()).isTrue();
    }

    @Test
    void configsAreJudgedByTheRules() {
        Controller strict = new Controller(ControllerSettings.DEFAULTS, new ConfigRules() {
            @Override
            public java.util.Optional<String> refusal(
                    ConfigResource resource, java.util.SortedMap<String, String> entries) {
                return java.util.Optional.of("no such key: " + entries.firstKey());
            }

            @Override
            public boolean isList(ConfigResource.Type type, String key) {
                return false;
            }

            @Override
            public java.util.Optional<String> defaultValue(ConfigResource.Type type, String key) {
                return java.util.Optional.empty();
            }
        });
        var request =
                new TopicRequest("t", cluster.newId(), 1, 1, new TreeMap<>(), new TreeMap<>(Map.of("silly", "1")));

        Decision decision = strict.decide(cluster.image, new CreateTopics(List.of(request), false, Origin.CLIENT, 0));

        var outcome = ((TopicsCreated) decision.reply()).topics().getFirst().outcome();
        assertThat(outcome.error()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(outcome.message()).isEqualTo("no such key: silly");
        assertThat(decision.facts()).isEmpty();
    }

    @Test
    void theSameWishAgainIsAnsweredAsDone() {
        TopicRequest request = TopicRequest.of("t", cluster.newId(), 3, 1);
        cluster.create(request);

        Decision again =
                cluster.controller.decide(cluster.image, new CreateTopics(List.of(request), false, Origin.CLIENT, 0));

        assertThat(again.facts()).isEmpty();
        assertThat(((TopicsCreated) again.reply()).topics().getFirst().outcome().isOk())
                .isTrue();
    }

    @Test
    void configsOfAnEarlierTopicAreNotInherited() {
        ConfigResource resource = ConfigResource.topic("t");
        cluster.image = cluster.image.with(new MetadataChange.ConfigChanged(
                resource,
                new dev.tidemark.metadata.image.ConfigImage(
                        org.pcollections.TreePMap.singleton("retention.ms", "1"), 4)));

        cluster.create("t", 1, 1);

        assertThat(cluster.image.configs().topic("t")).isEmpty();
    }
}
