package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ConsumerGroupHeartbeatRequest;
import dev.tidemark.protocol.message.HeartbeatRequest;
import dev.tidemark.protocol.message.JoinGroupRequest;
import dev.tidemark.protocol.message.ListGroupsRequest;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the calls of brokers do beyond the transcripts: versions, routing, limits.
class GroupCoordinatorTest {
    private final World world = new World();

    private static ClientContext client(int version) {
        return new ClientContext("c", "/1.1.1.1", (short) version);
    }

    private OffsetCommitResponse commitById(Uuid id, long offset) {
        OffsetCommitRequest request = OffsetCommitRequest.builder()
                .groupId("g")
                .topics(List.of(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                        .topicId(id)
                        .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                .partitionIndex(0)
                                .committedOffset(offset)
                                .build()))
                        .build()))
                .build();
        return world.coordinator.offsetCommit(client(10), request).join();
    }

    private OffsetFetchResponse.OffsetFetchResponseGroup fetchById(@Nullable Uuid id) {
        OffsetFetchRequest.OffsetFetchRequestGroup group = OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                .groupId("g")
                .topics(
                        id == null
                                ? null
                                : List.of(OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                        .topicId(id)
                                        .partitionIndexes(List.of(0))
                                        .build()))
                .build();
        return world.coordinator
                .offsetFetch(
                        client(10),
                        OffsetFetchRequest.builder().groups(List.of(group)).build())
                .join()
                .groups()
                .getFirst();
    }

    @Test
    void topicsMayBeNamedByIdAndADeletedOneOfTheSameNameIsAnother() {
        world.topics.create("t", 1);
        Uuid first = world.topics.view().topic("t").id();
        assertThat(commitById(first, 7)
                        .topics()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .errorCode())
                .isZero();
        assertThat(fetchById(first).topics().getFirst().partitions().getFirst().committedOffset())
                .isEqualTo(7);

        world.topics.delete("t");
        assertThat(fetchById(null).topics()).isEmpty();
        world.topics.create("t", 1);
        Uuid second = world.topics.view().topic("t").id();

        assertThat(fetchById(null).topics().getFirst().partitions()).isEmpty();
        assertThat(fetchById(second).topics().getFirst().partitions().getFirst().committedOffset())
                .isEqualTo(-1);
        assertThat(fetchById(first).topics().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID.code());
        assertThat(commitById(first, 8)
                        .topics()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void positionsInADeletedTopicAreForgottenWithTime() {
        world.topics.create("t", 1);
        commitById(world.topics.view().topic("t").id(), 7);
        world.topics.delete("t");
        world.topics.create("t", 1);
        int before = world.log.batches().size();

        world.loop.advance(60_000);

        assertThat(world.log.batches()).hasSize(before + 1);
        assertThat(world.live().entry("g")).isNull();
    }

    @Test
    void oldVersionsOfOffsetFetchHaveOneGroup() {
        world.topics.create("t", 1);
        commitById(world.topics.view().topic("t").id(), 7);

        OffsetFetchResponse response = world.coordinator
                .offsetFetch(
                        client(1),
                        OffsetFetchRequest.builder()
                                .groupId("g")
                                .topics(List.of(new OffsetFetchRequest.OffsetFetchRequestTopic("t", List.of(0, 1))))
                                .build())
                .join();

        assertThat(response.groups()).isEmpty();
        assertThat(response.topics().getFirst().partitions())
                .extracting(OffsetFetchResponse.OffsetFetchResponsePartition::committedOffset)
                .containsExactly(7L, -1L);
    }

    @Test
    void anotherBrokersGroupsAreNotServed() {
        GroupCoordinator nowhere = new GroupCoordinator(
                GroupCoordinatorConfig::defaults,
                _ -> GroupSettings.of(GroupCoordinatorConfig.defaults()),
                world.topics::view,
                () -> Uuid.ZERO,
                _ -> world.loop,
                Runnable::run);

        assertThat(nowhere.heartbeat(
                                client(4),
                                HeartbeatRequest.builder().groupId("g").build())
                        .join()
                        .errorCode())
                .isEqualTo(ErrorCode.NOT_COORDINATOR.code());
        assertThat(nowhere.listGroups(client(5), ListGroupsRequest.builder().build())
                        .join()
                        .groups())
                .isEmpty();
    }

    @Test
    void groupsAreSpreadByKafkasRule() {
        world.topics.create(GroupCoordinator.OFFSETS_TOPIC, 50);

        assertThat(world.coordinator.partitionFor("my-group")).isEqualTo(12);
        assertThat(world.coordinator.partitionFor("polygenelubricants")).isZero(); // hashes to the smallest int
    }

    @Test
    void idsThatCannotBePrintedOrAreTooLongAreRefused() {
        for (String id : List.of("a\nb", "\u0000", "\u001b[31m", "x".repeat(32 * 1024))) {
            assertThat(world.coordinator
                            .joinGroup(
                                    client(9),
                                    JoinGroupRequest.builder().groupId(id).build())
                            .join()
                            .errorCode())
                    .isEqualTo(ErrorCode.INVALID_GROUP_ID.code());
            assertThat(world.coordinator
                            .consumerGroupHeartbeat(
                                    client(1),
                                    ConsumerGroupHeartbeatRequest.builder()
                                            .groupId("g")
                                            .memberId(id)
                                            .build())
                            .join()
                            .errorCode())
                    .isEqualTo(ErrorCode.INVALID_REQUEST.code());
        }
        assertThat(world.log.batches()).isEmpty();
    }

    @Test
    void shutdownAnswersWhoWaits() {
        TestClient client = new TestClient("a", world);
        client.version = 3;
        var joining = client.join();
        assertThat(joining).isNotDone();

        world.coordinator.shutdown();

        assertThat(joining.join().errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR.code());
    }
}
