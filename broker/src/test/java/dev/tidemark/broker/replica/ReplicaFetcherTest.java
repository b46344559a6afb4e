package dev.tidemark.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.throttle.Throttle;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.FetchableTopicResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.record.MemoryRecords;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// A follower's fetches from one leader, whose part the test plays, into real logs.
final class ReplicaFetcherTest {
    private static final int LEADER = 2;
    private static final int EPOCH = 5;
    private static final int SESSION = 77;

    private final TestPartitions broker = new TestPartitions();
    private final List<Fetch> fetches = new ArrayList<>();
    private int released;
    private boolean isBraked;
    private final ReplicaFetchers fetchers = new ReplicaFetchers(
            1,
            FetcherSettings.DEFAULTS,
            (leaderId, request, timeoutMs) -> {
                Fetch fetch = new Fetch(leaderId, request, new CompletableFuture<>());
                fetches.add(fetch);
                return fetch.reply;
            },
            () -> 44,
            new Brake(),
            number -> broker.loop);

    private final class Brake implements Throttle {
        @Override
        public boolean isHeld(Partition partition, int followerId) {
            return isBraked && partition.id().topic().equals("a");
        }

        @Override
        public long holdMs() {
            return 100;
        }

        @Override
        public void onCopied(Partition partition, int followerId, int bytes) {}
    }

    private record Fetch(int leaderId, FetchRequest request, CompletableFuture<PeerReply> reply) {
        /// As `topic-partition@offset`.
        List<String> named() {
            return request.topics().stream()
                    .flatMap(topic -> topic.partitions().stream()
                            .map(partition ->
                                    name(topic.topicId()) + partition.partition() + "@" + partition.fetchOffset()))
                    .toList();
        }

        List<String> forgotten() {
            return request.forgottenTopicsData().stream()
                    .flatMap(topic -> topic.partitions().stream().map(partition -> name(topic.topicId()) + partition))
                    .toList();
        }

        private static String name(Uuid topicId) {
            for (String topic : List.of("a", "b", "c"))
                if (TestPartitions.idOf(topic).equals(topicId)) return topic;
            return "?";
        }
    }

    private Partition follow(String topic, int leaderId) {
        Partition partition = broker.held(topic, 0);
        follow(partition, leaderId, EPOCH);
        return partition;
    }

    private void follow(Partition partition, int leaderId, int epoch) {
        var _ = partition.follow(leaderId, epoch);
        fetchers.onFollow(partition, leaderId, epoch);
        broker.loop.settle();
    }

    private Fetch last() {
        return fetches.getLast();
    }

    private void answer(Fetch fetch, FetchResponse.Builder response) {
        fetch.reply.complete(new PeerReply(response.build(), (short) 18, () -> released++));
        broker.loop.settle();
    }

    private static FetchResponse.Builder answer(FetchableTopicResponse... topics) {
        return FetchResponse.builder().sessionId(SESSION).responses(List.of(topics));
    }

    private static FetchableTopicResponse of(String topic, PartitionData.Builder data) {
        return FetchableTopicResponse.builder()
                .topicId(TestPartitions.idOf(topic))
                .partitions(List.of(data.build()))
                .build();
    }

    /// One batch as a leader has it in its log.
    private FetchableTopicResponse records(String topic, long baseOffset, String... values) {
        ByteBuffer batch = broker.batch(values).buffer().duplicate();
        batch.putLong(batch.position(), baseOffset);
        batch.putInt(batch.position() + 12, EPOCH);
        return of(
                topic,
                PartitionData.builder()
                        .highWatermark(baseOffset)
                        .logStartOffset(0)
                        .records(new MemoryRecords(batch)));
    }

    private static FetchableTopicResponse error(String topic, ErrorCode error) {
        return of(topic, PartitionData.builder().errorCode(error));
    }

    @Test
    void theFirstFetchNamesAllAndTheNextWhatHasMoved() {
        Partition a = follow("a", LEADER);
        follow("b", LEADER);
        assertThat(fetches).hasSize(1); // The second one's names follow behind the first answer: no session stands yet.
        answer(last(), answer());
        assertThat(last().named()).containsExactly("b0@0");
        answer(last(), answer(records("a", 0, "x", "y")));
        Fetch third = last();
        assertThat(third.named()).containsExactly("a0@2");
        assertThat(third.request().sessionId()).isEqualTo(SESSION);
        assertThat(third.request().sessionEpoch()).isEqualTo(2);
        assertThat(third.request().replicaState()).isEqualTo(new FetchRequest.ReplicaState(1, 44));
        assertThat(a.log().snapshot().logEndOffset()).isEqualTo(2);
        assertThat(released).isEqualTo(2);
        answer(third, answer());
        assertThat(last().named()).isEmpty();
        assertThat(last().forgotten()).isEmpty();
    }

    @Test
    void aThrottledPartitionIsLeftOutForAWhile() {
        isBraked = true;
        follow("b", LEADER);
        answer(last(), answer());
        follow("a", LEADER);
        assertThat(fetches).hasSize(2);
        assertThat(last().named()).isEmpty();

        broker.loop.pass(100);
        assertThat(fetches).hasSize(2);
        isBraked = false;
        broker.loop.pass(100);

        assertThat(last().named()).containsExactly("a0@0");
    }

    @Test
    void aPartitionThatComesWhileAFetchWaitsIsToldBehindIt() {
        follow("a", LEADER);
        answer(last(), answer());
        Fetch waiting = last();
        follow("b", LEADER);
        assertThat(last()).isNotSameAs(waiting);
        assertThat(last().named()).containsExactly("b0@0");
        assertThat(last().request().sessionEpoch()).isEqualTo(waiting.request().sessionEpoch() + 1);
        follow("c", LEADER);
        assertThat(fetches).hasSize(3); // two are enough
        answer(waiting, answer());
        assertThat(last().named()).containsExactly("c0@0");
    }

    @Test
    void anAnswerFromBeforeAPartitionWasToldIsOfNoUseToIt() {
        Partition a = follow("a", LEADER);
        answer(last(), answer());
        Fetch waiting = last();
        follow(a, LEADER, EPOCH + 1);
        assertThat(last().named()).containsExactly("a0@0");
        answer(waiting, answer(records("a", 0, "of the former epoch")));
        assertThat(a.log().snapshot().logEndOffset()).isZero();
        assertThat(released).isEqualTo(2);
    }

    @Test
    void aPartitionThatCannotGoOnIsLeftOutForAWhile() {
        follow("a", LEADER);
        Partition b = follow("b", LEADER);
        answer(last(), answer());
        answer(last(), answer(error("a", ErrorCode.NOT_LEADER_OR_FOLLOWER), records("b", 0, "x")));
        assertThat(last().named()).containsExactly("b0@1");
        assertThat(last().forgotten()).containsExactly("a0");
        Fetch waiting = last();
        broker.loop.pass(50);
        assertThat(last()).isNotSameAs(waiting);
        assertThat(last().named()).containsExactly("a0@0");
        assertThat(b.log().snapshot().logEndOffset()).isEqualTo(1);
    }

    @Test
    void whatIsFollowedNoMoreIsForgotten() {
        Partition a = follow("a", LEADER);
        follow("b", LEADER);
        answer(last(), answer());
        fetchers.onStopFollowing(a);
        broker.loop.settle();
        assertThat(fetches).hasSize(3);
        answer(fetches.get(1), answer(records("a", 0, "late")));
        assertThat(fetches.stream().flatMap(fetch -> fetch.forgotten().stream()))
                .containsExactly("a0");
        assertThat(a.log().snapshot().logEndOffset()).isZero();
    }

    @Test
    void anotherLeaderIsAskedOverItsOwnConnection() {
        Partition a = follow("a", LEADER);
        answer(last(), answer());
        follow(a, 3, EPOCH + 1);
        assertThat(fetches.stream().map(Fetch::leaderId)).contains(3);
        assertThat(last().leaderId() == 3 ? last().named() : List.of("a0@0")).containsExactly("a0@0");
        Fetch former = fetches.get(1);
        int before = fetches.size();
        answer(former, answer());
        assertThat(fetches).hasSize(before); // Nothing is left to ask there.
    }

    @Test
    void afterAFailureAllIsToldAgainInAnotherSession() {
        follow("a", LEADER);
        answer(last(), answer());
        last().reply.completeExceptionally(new PeerException(PeerException.Reason.CLOSED, LEADER, "gone"));
        broker.loop.settle();
        assertThat(fetches).hasSize(2);
        broker.loop.pass(50);
        assertThat(last().named()).containsExactly("a0@0");
        assertThat(last().request().sessionEpoch()).isZero();
        assertThat(last().request().sessionId()).isEqualTo(SESSION); // to be dropped by the leader
    }

    @Test
    void aLeaderWhoseProcessIsGoneIsLeftAloneUntilItsNextOneIsThere() {
        follow("a", LEADER);
        last().reply.completeExceptionally(new PeerException(PeerException.Reason.REFUSED, LEADER, "gone"));
        broker.loop.settle();
        broker.loop.pass(400);
        assertThat(fetches).hasSize(1);
        fetchers.onRegistered(LEADER);
        broker.loop.settle();
        assertThat(fetches).hasSize(2);
    }

    @Test
    void aSessionThatTheLeaderHasLostIsBegunAnewAtOnce() {
        follow("a", LEADER);
        answer(last(), answer());
        answer(last(), FetchResponse.builder().errorCode(ErrorCode.FETCH_SESSION_ID_NOT_FOUND));
        assertThat(fetches).hasSize(3);
        assertThat(last().request().sessionEpoch()).isZero();
        assertThat(last().request().sessionId()).isZero();
        assertThat(last().named()).containsExactly("a0@0");
        assertThat(released).isEqualTo(2);
    }

    @Test
    void aLeaderThatRefusesIsAskedLessAndLess() {
        follow("a", LEADER);
        for (int i = 0; i < 20; i++) {
            answer(last(), FetchResponse.builder().errorCode(ErrorCode.CLUSTER_AUTHORIZATION_FAILED));
            broker.loop.pass(100);
        }
        assertThat(fetches.size()).isBetween(4, 9);
        fetchers.onRegistered(LEADER); // It may be another now.
        int before = fetches.size();
        broker.loop.settle();
        assertThat(fetches).hasSize(before + 1);
    }

    @Test
    void aLeaderWithoutRoomForSessionsIsToldAllEachTime() {
        follow("a", LEADER);
        answer(last(), answer(records("a", 0, "x")).sessionId(0));
        assertThat(last().named()).containsExactly("a0@1");
        answer(last(), answer().sessionId(0));
        assertThat(last().named()).containsExactly("a0@1");
        assertThat(last().request().sessionEpoch()).isZero();
    }
}
