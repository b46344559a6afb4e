package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.coordinator.runtime.ReplicatedLog;
import dev.tidemark.coordinator.runtime.Step;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetCommitRequest;
import dev.tidemark.protocol.message.OffsetCommitResponse;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import dev.tidemark.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/// Three brokers that hold one partition of the offsets topic, and lose and win its leadership at any time, also
/// without knowing it. Whatever clients of a group hear from whom:
/// - a committed offset that was acknowledged is what the leader tells, or a later one is;
/// - in one generation no partition was told to two members;
/// - a coordinator that was replaced gets nothing committed.
class FailoverTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 3;

    @Provide
    Arbitrary<List<Step>> steps() {
        return Step.lists(3, 30, 150);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void nothingAcknowledgedIsLostAndNothingHasTwoOwners(@ForAll("steps") List<Step> steps) {
        Brokers brokers = new Brokers();
        for (Step step : steps) brokers.take(step);
        brokers.checkThatItSettles();
    }

    @Test
    void aNewLeaderTellsNothingBeforeItsLogIsCommitted() {
        Brokers brokers = new Brokers();
        brokers.cluster.settle();
        var commit = brokers.commit(0, 1);
        brokers.log.fetch(1, 10);
        brokers.cluster.elect(1);
        var answer = brokers.fetch();
        assertThat(commit).isNotDone();
        assertThat(answer).isNotDone();

        brokers.log.fetch(2, 10);

        assertThat(answer).isCompleted();
        assertThat(offset(answer.join(), 0)).isEqualTo(1);
    }

    @Test
    void whatOnlyTheReplacedLeaderHadWasNeverAcknowledged() {
        Brokers brokers = new Brokers();
        brokers.cluster.settle();
        brokers.cluster.elect(1);
        var zombie = brokers.commitAt(0, 0, 7);
        brokers.cluster.settle();
        assertThat(zombie).isNotDone();

        brokers.cluster.hearOfIt(0);

        assertThat(error(zombie.join())).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(offset(brokers.fetch().join(), 0)).isEqualTo(-1);
    }

    @Test
    void aReplacedCoordinatorThatIsElectedAgainKnowsWhatHappenedMeanwhile() {
        Brokers brokers = new Brokers();
        brokers.cluster.settle();
        brokers.cluster.elect(1);
        brokers.cluster.hearOfIt(0);
        var commit = brokers.commit(0, 5);
        brokers.cluster.settle();
        brokers.cluster.elect(0);
        brokers.cluster.settle();

        assertThat(error(commit.join())).isEqualTo(ErrorCode.NONE);
        assertThat(offset(brokers.fetch().join(), 0)).isEqualTo(5);
    }

    private static ErrorCode error(OffsetCommitResponse response) {
        return ErrorCode.forCode(
                response.topics().getFirst().partitions().getFirst().errorCode());
    }

    private static long offset(OffsetFetchResponse response, int partition) {
        return response.groups()
                .getFirst()
                .topics()
                .getFirst()
                .partitions()
                .get(partition)
                .committedOffset();
    }

    private static final class Brokers {
        private final Cluster cluster = new Cluster(BROKERS);
        private final World world = cluster.world;
        private final ReplicatedLog log = cluster.log;
        private final List<TestClient> members = new ArrayList<>();
        private final Map<Integer, Long> acknowledged = new TreeMap<>();
        private final Map<String, String> ownerByGeneration = new HashMap<>();
        private final List<CompletableFuture<?>> watched = new ArrayList<>();
        private long nextOffset = 1;

        Brokers() {
            world.topics.create("t", PARTITIONS);
            for (int i = 0; i < 3; i++) {
                TestClient member = new TestClient("c" + i, world);
                member.topics = List.of("t");
                members.add(member);
            }
        }

        void take(Step step) {
            int action = step.action();
            // Clients ask a broker that led once now and then.
            int asked = step.argument() % 5 == 0 ? step.argument() % BROKERS : log.leader();
            world.coordinator = cluster.coordinators.get(asked);
            TestClient member = members.get(step.who());
            if (action < 20) watch(commitAt(asked, step.argument() % PARTITIONS, nextOffset++));
            else if (action < 30) checkFetch();
            else if (action < 50) log.fetch(step.who(), 1 + step.argument() % 4);
            else if (action < 57) cluster.electIfPossible(step.who());
            else if (action < 64) cluster.hearOfIt(step.who());
            else if (action < 70) world.loop.advance(step.argument() * 100L);
            else if (action < 80) watch(member.joinAsKnown());
            else if (action < 90) sync(member);
            else watch(member.beatOrJoin());
            world.loop.settle();
            checkAnswers();
        }

        /// What is checked when an answer comes throws there.
        private void watch(CompletableFuture<?> answer) {
            watched.add(answer);
        }

        private void checkAnswers() {
            watched.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
            watched.removeIf(CompletableFuture::isDone);
        }

        CompletableFuture<OffsetCommitResponse> commit(int partition, long offset) {
            return commitAt(log.leader(), partition, offset);
        }

        CompletableFuture<OffsetCommitResponse> commitAt(int broker, int partition, long offset) {
            OffsetCommitRequest request = OffsetCommitRequest.builder()
                    .groupId("by-hand")
                    .generationIdOrMemberEpoch(-1)
                    .topics(List.of(OffsetCommitRequest.OffsetCommitRequestTopic.builder()
                            .name("t")
                            .partitions(List.of(OffsetCommitRequest.OffsetCommitRequestPartition.builder()
                                    .partitionIndex(partition)
                                    .committedOffset(offset)
                                    .build()))
                            .build()))
                    .build();
            ClientContext client = new ClientContext("c", "/1.1.1.1", (short) 9);
            return cluster.coordinators
                    .get(broker)
                    .offsetCommit(client, request)
                    .whenComplete((response, _) -> {
                        if (error(response) == ErrorCode.NONE) acknowledged.merge(partition, offset, Math::max);
                    });
        }

        CompletableFuture<OffsetFetchResponse> fetch() {
            OffsetFetchRequest request = OffsetFetchRequest.builder()
                    .groups(List.of(OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                            .groupId("by-hand")
                            .topics(List.of(OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                    .name("t")
                                    .partitionIndexes(List.of(0, 1, 2))
                                    .build()))
                            .build()))
                    .build();
            ClientContext client = new ClientContext("c", "/1.1.1.1", (short) 8);
            return cluster.leader().offsetFetch(client, request);
        }

        private void checkFetch() {
            Map<Integer, Long> known = new TreeMap<>(acknowledged);
            watch(fetch().thenAccept(response -> {
                OffsetFetchResponseGroup group = response.groups().getFirst();
                if (group.errorCode() != 0) return;
                known.forEach((partition, offset) -> assertThat(offset(response, partition))
                        .as(log.toString())
                        .isGreaterThanOrEqualTo(offset));
            }));
        }

        private void sync(TestClient member) {
            // Turning with each leader: no two assignments are equal by chance.
            var assignments = TestClient.inTurn(members, PARTITIONS, cluster.epoch());
            String memberId = member.memberId;
            int generation = member.generation;
            watch(member.sync(assignments).thenAccept(response -> note(memberId, generation, response)));
        }

        private void note(String memberId, int generation, SyncGroupResponse response) {
            if (response.errorCode() != 0) return;
            TestReplies.partitions(response.assignment())
                    .forEach((topic, some) -> some.forEach(partition -> {
                        String key = generation + "/" + topic + "/" + partition;
                        String other = ownerByGeneration.putIfAbsent(key, memberId);
                        assertThat(other == null || other.equals(memberId))
                                .as("%s told to %s and %s, %s", key, other, memberId, log)
                                .isTrue();
                    }));
        }

        void checkThatItSettles() {
            cluster.everybodyHearsOfIt();
            cluster.settle();
            world.coordinator = cluster.leader();
            var answer = fetch();
            assertThat(answer).isCompleted();
            acknowledged.forEach((partition, offset) ->
                    assertThat(offset(answer.join(), partition)).isGreaterThanOrEqualTo(offset));
            var commit = commit(0, nextOffset);
            cluster.settle();
            checkAnswers();
            assertThat(error(commit.join())).isEqualTo(ErrorCode.NONE);
        }
    }
}
