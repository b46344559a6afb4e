package dev.tidemark.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.handler.ListOffsetsHandler;
import dev.tidemark.broker.handler.OffsetForLeaderEpochHandler;
import dev.tidemark.broker.partition.Append;
import dev.tidemark.broker.partition.AppendListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.throttle.CopyThrottle;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.message.ListOffsetsRequest;
import dev.tidemark.protocol.message.ListOffsetsResponse;
import dev.tidemark.protocol.message.OffsetForLeaderEpochRequest;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/// Fetches of followers, of consumers that read from followers, and of those who ask the wrong broker. Broker 1 is the
/// one under test; 2 and 3 are alive.
class FollowerFetchTest {
    private static final short VERSION = 17;
    private static final int EPOCH = 5;

    private final TestPartitions world = new TestPartitions();
    private final TestConnection connection = new TestConnection(world.loop);
    private final ClusterView cluster = new ClusterView(1, world.partitions);
    private final LeaderHints hints = new LeaderHints(cluster);
    private final CopyThrottle throttle = new CopyThrottle(CopyThrottle.Side.LEADER, 1, cluster, world.loop);
    private final Handlers handlers = new Handlers(List.of(
            new FetchHandler(
                    new PartitionReader(
                            world.partitions,
                            cluster,
                            new PreferredReplicas(cluster, "org.apache.kafka.common.replica.RackAwareReplicaSelector"),
                            throttle),
                    new FetchSessions(10, new Random(1)),
                    new FetchLimits(1 << 20, 10),
                    new ReplicaAccess(cluster, Optional.empty()),
                    hints,
                    Runnable::run,
                    world.loop),
            new ListOffsetsHandler(world.partitions, cluster, Runnable::run),
            new OffsetForLeaderEpochHandler(world.partitions, cluster)));
    private final Dispatcher dispatcher = new Dispatcher(
            handlers,
            new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
            List.of());

    private Partition led() {
        show(1);
        Partition partition = world.held("t", 0);
        var _ = partition.lead(new LeaderTerm(EPOCH, 0, List.of(1, 2, 3), List.of(1, 2)));
        return partition;
    }

    private void show(int leader) {
        ClusterImage image = ClusterImage.EMPTY;
        for (int id = 1; id <= 3; id++) {
            image = image.with(new MetadataChange.BrokerRegistered(new BrokerRegistration(
                    id,
                    100 + id,
                    List.of(new BrokerEndpoint("PLAINTEXT", "host" + id, 9092, "PLAINTEXT")),
                    "rack" + id,
                    new TreeMap<>(),
                    true)));
        }
        PartitionRegistration partition =
                new PartitionRegistration(List.of(1, 2, 3), List.of(), List.of(), List.of(1, 2), leader, EPOCH, 0);
        image = image.with(new MetadataChange.TopicCreated(
                new TopicImage("t", TestPartitions.idOf("t"), TreePVector.singleton(partition), 0)));
        cluster.show(image);
    }

    private void append(Partition partition, String... values) {
        ByteBuffer batch = world.batch(values).buffer();
        long wallMs = world.loop.wallMs();
        partition.append(new Append(batch, AppendOrigin.CLIENT, wallMs, true, Append.NO_TIMEOUT, new Unheard(), 0));
    }

    private record Unheard() implements AppendListener {
        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            assertThat(result).isInstanceOf(AppendResult.Appended.class);
        }

        @Override
        public void onCommitted(int index) {}

        @Override
        public void onCommitFailed(int index, ErrorCode error) {}
    }

    private static FetchRequest.Builder asFollower(int broker, long brokerEpoch, long offset) {
        return ask(offset, EPOCH).replicaState(new FetchRequest.ReplicaState(broker, brokerEpoch));
    }

    private static FetchRequest.Builder ask(long offset, int leaderEpoch) {
        return ask(offset, leaderEpoch, offset == 0 ? -1 : EPOCH, 0);
    }

    private static FetchRequest.Builder ask(long offset, int leaderEpoch, int lastFetchedEpoch, long logStart) {
        return FetchRequest.builder()
                .maxWaitMs(0)
                .minBytes(1)
                .maxBytes(1 << 20)
                .topics(List.of(FetchRequest.FetchTopic.builder()
                        .topicId(TestPartitions.idOf("t"))
                        .partitions(List.of(FetchRequest.FetchPartition.builder()
                                .partition(0)
                                .fetchOffset(offset)
                                .currentLeaderEpoch(leaderEpoch)
                                .lastFetchedEpoch(lastFetchedEpoch)
                                .logStartOffset(logStart)
                                .partitionMaxBytes(1 << 20)
                                .build()))
                        .build()));
    }

    private FetchResponse fetch(FetchRequest.Builder request) {
        int before = connection.replies.size();
        dispatcher.onRequest(connection.exchange(TestConnection.frame(request.build(), VERSION)));
        world.loop.settle();
        assertThat(connection.replies).as("answered").hasSize(before + 1);
        return connection.lastReply(FetchResponse.class);
    }

    private static PartitionData data(FetchResponse response) {
        return response.responses().getFirst().partitions().getFirst();
    }

    private static int bytes(PartitionData data) {
        return data.records() == null ? 0 : data.records().sizeInBytes();
    }

    @Test
    void aFollowerReadsToTheEndAndAConsumerToTheHighWatermark() {
        append(led(), "a");

        assertThat(bytes(data(fetch(ask(0, EPOCH))))).isZero();
        assertThat(bytes(data(fetch(asFollower(2, 102, 0))))).isPositive();
        PartitionData afterwards = data(fetch(asFollower(2, 102, 1)));

        assertThat(afterwards.highWatermark()).isEqualTo(1);
        assertThat(bytes(data(fetch(ask(0, EPOCH))))).isPositive();
    }

    @Test
    void aThrottledFollowerGetsItsShareAndAMemberOfTheIsrAll() {
        append(led(), "a");
        throttle.rate(10);
        MetadataChange listed = new MetadataChange.ConfigChanged(
                ConfigResource.topic("t"),
                new ConfigImage(TreePMap.singleton("leader.replication.throttled.replicas", "7:1,0:1"), 0));
        throttle.onDelta(ClusterImage.EMPTY.with(listed), MetadataDelta.of(listed));

        assertThat(bytes(data(fetch(asFollower(3, 103, 0))))).isPositive();
        assertThat(bytes(data(fetch(asFollower(3, 103, 0))))).isZero();
        assertThat(bytes(data(fetch(asFollower(2, 102, 0))))).isPositive();

        world.loop.pass(60_000);
        assertThat(bytes(data(fetch(asFollower(3, 103, 0))))).isPositive();
    }

    @Test
    void theNextFetchOfASessionEndsTheWaitOfTheOneBefore() {
        led();
        FetchResponse opened = fetch(asFollower(2, 102, 0).sessionEpoch(0));
        dispatcher.onRequest(connection.exchange(TestConnection.frame(
                ofSession(opened.sessionId(), 1).topics(List.of()).build(), VERSION)));
        int answered = connection.replies.size();

        dispatcher.onRequest(connection.exchange(
                TestConnection.frame(ofSession(opened.sessionId(), 2).build(), VERSION)));

        assertThat(connection.replies).as("the first one's reply").hasSize(answered + 1);
    }

    private static FetchRequest.Builder ofSession(int id, int epoch) {
        return asFollower(2, 102, 0).maxWaitMs(500).sessionId(id).sessionEpoch(epoch);
    }

    @Test
    void aWaitingFollowerHearsOfEachAppendAtOnce() {
        Partition partition = led();
        dispatcher.onRequest(connection.exchange(
                TestConnection.frame(asFollower(2, 102, 0).maxWaitMs(500).build(), VERSION)));
        assertThat(connection.replies).isEmpty();

        append(partition, "a");
        world.loop.settle();

        assertThat(bytes(data(connection.lastReply(FetchResponse.class)))).isPositive();
    }

    @Test
    void aWaitingFollowerHearsAtOnceOfWhatIsCommittedAndDeleted() {
        Partition partition = led();
        append(partition, "a", "b");
        FetchResponse first =
                fetch(inSession(0, 0, 0).topics(asFollower(2, 102, 0).build().topics()));
        int session = first.sessionId();
        waitInSession(session, 1, asFollower(2, 102, 2).build().topics());
        assertThat(data(connection.lastReply(FetchResponse.class)).highWatermark())
                .isEqualTo(2);
        int before = connection.replies.size();
        waitInSession(session, 2, List.of());
        assertThat(connection.replies).hasSize(before);

        var deleted = partition.deleteRecords(1, 30_000);
        world.loop.settle();

        assertThat(data(connection.lastReply(FetchResponse.class)).logStartOffset())
                .isEqualTo(1);
        assertThat(deleted).isNotDone();
        // The same offset as before, with another log start.
        waitInSession(session, 3, asFollowerFrom(1, 2).build().topics());
        assertThat(partition.progress()).anySatisfy(replica -> {
            assertThat(replica.brokerId()).isEqualTo(2);
            assertThat(replica.logStartOffset()).isEqualTo(1);
        });
    }

    private static FetchRequest.Builder asFollowerFrom(long logStart, long offset) {
        return ask(offset, EPOCH, EPOCH, logStart);
    }

    private static FetchRequest.Builder inSession(int session, int epoch, int waitMs) {
        return FetchRequest.builder()
                .replicaState(new FetchRequest.ReplicaState(2, 102))
                .maxWaitMs(waitMs)
                .minBytes(1)
                .maxBytes(1 << 20)
                .sessionId(session)
                .sessionEpoch(epoch);
    }

    private void waitInSession(int session, int epoch, List<FetchRequest.FetchTopic> topics) {
        FetchRequest request = inSession(session, epoch, 500).topics(topics).build();
        dispatcher.onRequest(connection.exchange(TestConnection.frame(request, VERSION)));
        world.loop.settle();
    }

    @Test
    void aFollowerThatSaysTheSameWithAnotherIncarnationIsNoted() {
        FetchedPartition asked = new FetchedPartition(
                new PartitionKey(TestPartitions.idOf("t"), "", 0),
                ask(3, EPOCH).build().topics().getFirst().partitions().getFirst());

        assertThat(asked.isNewToLeader(1, 102)).isTrue();
        assertThat(asked.isNewToLeader(1, 102)).isFalse();
        assertThat(asked.isNewToLeader(1, 202)).isTrue();
        assertThat(asked.isNewToLeader(2, 202)).isTrue();
        assertThat(asked.isNewToLeader(2, 202)).isFalse();
    }

    @Test
    void aBrokenFollowerGetsAnErrorAndMovesNothing() {
        Partition partition = led();
        append(partition, "a", "b");

        assertThat(errorOf(ask(2, EPOCH, -1, 0))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(errorOf(ask(2, EPOCH, -7, 0))).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(errorOf(ask(2, EPOCH, EPOCH + 1, 0))).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(errorOf(ask(2, EPOCH, Integer.MAX_VALUE, 0))).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(errorOf(ask(2, -5, EPOCH, 0))).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
        assertThat(errorOf(ask(-1, EPOCH, EPOCH, 0))).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(errorOf(ask(Long.MIN_VALUE, EPOCH, -1, Long.MIN_VALUE))).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(errorOf(ask(2, EPOCH, -1, Long.MAX_VALUE))).isEqualTo(ErrorCode.INVALID_REQUEST);
        // Beyond the end it is told where its log departs from this one.
        assertThat(data(fetch(ask(9, EPOCH, EPOCH, 0).replicaState(new FetchRequest.ReplicaState(2, 102))))
                        .divergingEpoch())
                .isEqualTo(new FetchResponse.EpochEndOffset(EPOCH, 2));
        assertThat(errorOf(ask(Long.MAX_VALUE, EPOCH, -1, Long.MAX_VALUE))).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);

        assertThat(partition.highWatermark()).isZero();
        assertThat(partition.isLeader()).isTrue();
    }

    /// Every request gets an answer, and the high watermark goes no further than what the one follower in sync may
    /// honestly have said.
    @Test
    void wildRequestsOfPeersAreAnsweredAndMoveNothing() {
        Partition partition = led();
        append(partition, "a", "b", "c");
        for (int seed = 0; seed < 3_000; seed++) {
            Wild wild = new Wild(new Random(seed));
            long before = partition.highWatermark();
            int answers = connection.replies.size();

            dispatcher.onRequest(connection.exchange(TestConnection.frame(wild.request(), VERSION)));
            dispatcher.onRequest(connection.exchange(TestConnection.frame(wild.endOfEpoch(), (short) 4)));
            world.loop.pass(1);

            assertThat(connection.replies).as("seed %d: %s", seed, wild).hasSize(answers + 2);
            long honest = wild.isHonest() ? Math.max(before, wild.offset) : before;
            assertThat(partition.highWatermark()).as("seed %d: %s", seed, wild).isBetween(before, honest);
        }
        assertThat(partition.isLeader()).isTrue();
        assertThat(partition.log().snapshot().logEndOffset()).isEqualTo(3);
    }

    /// A request of which each field may be anything, and mostly is something near what it should be.
    private static final class Wild {
        private final Random random;
        final int broker;
        final long brokerEpoch;
        final long offset;
        final int leaderEpoch;
        final int lastFetchedEpoch;
        final long logStart;

        Wild(Random random) {
            this.random = random;
            broker = (int) any(2, 2, 2, 3, 1, 0, 9, -1, -2);
            brokerEpoch = any(102, 102, 103, 0, -1);
            offset = any(0, 1, 2, 3, 4, -1);
            leaderEpoch = (int) any(EPOCH, EPOCH, EPOCH, EPOCH - 1, EPOCH + 1, -1, 0);
            lastFetchedEpoch = (int) any(EPOCH, EPOCH + 1, EPOCH - 1, -1, -2, 0);
            logStart = any(0, 1, 3, 5, -1);
        }

        private long any(long... likely) {
            if (random.nextInt(12) > 0) return likely[random.nextInt(likely.length)];
            return switch (random.nextInt(4)) {
                case 0 -> Long.MAX_VALUE;
                case 1 -> Long.MIN_VALUE;
                case 2 -> Integer.MIN_VALUE;
                default -> random.nextLong();
            };
        }

        boolean isHonest() {
            boolean isEmpty = lastFetchedEpoch == -1 && offset == Math.max(0, logStart);
            return broker == 2
                    && brokerEpoch == 102
                    && leaderEpoch == EPOCH
                    && offset >= 0
                    && offset <= 3
                    && (lastFetchedEpoch == EPOCH || isEmpty);
        }

        FetchRequest request() {
            return FetchRequest.builder()
                    .replicaState(new FetchRequest.ReplicaState(broker, brokerEpoch))
                    .maxWaitMs(0)
                    .minBytes((int) any(1, 0, -1))
                    .maxBytes((int) any(1 << 20, 0, -1))
                    .sessionId((int) any(0, 0, 1, -1))
                    .sessionEpoch((int) any(-1, 0, 1))
                    .topics(List.of(FetchRequest.FetchTopic.builder()
                            .topicId(TestPartitions.idOf(random.nextInt(20) == 0 ? "other" : "t"))
                            .partitions(List.of(FetchRequest.FetchPartition.builder()
                                    .partition((int) any(0, 0, 0, 1, -1))
                                    .fetchOffset(offset)
                                    .currentLeaderEpoch(leaderEpoch)
                                    .lastFetchedEpoch(lastFetchedEpoch)
                                    .logStartOffset(logStart)
                                    .partitionMaxBytes((int) any(1 << 20, 0, -1))
                                    .build()))
                            .build()))
                    .build();
        }

        OffsetForLeaderEpochRequest endOfEpoch() {
            return OffsetForLeaderEpochRequest.builder()
                    .replicaId((int) any(2, -1, -2))
                    .topics(List.of(new OffsetForLeaderEpochRequest.OffsetForLeaderTopic(
                            "t",
                            List.of(OffsetForLeaderEpochRequest.OffsetForLeaderPartition.builder()
                                    .partition((int) any(0, 1, -1))
                                    .currentLeaderEpoch((int) any(EPOCH, -1, EPOCH + 1))
                                    .leaderEpoch((int) any(EPOCH, -1, EPOCH - 1, 0))
                                    .build()))))
                    .build();
        }

        @Override
        public String toString() {
            return "broker " + broker + " (" + brokerEpoch + ") at " + offset + " in " + leaderEpoch + ", last "
                    + lastFetchedEpoch + ", start " + logStart;
        }
    }

    private ErrorCode errorOf(FetchRequest.Builder request) {
        PartitionData answer = data(fetch(request.replicaState(new FetchRequest.ReplicaState(2, 102))));
        assertThat(bytes(answer)).isZero();
        return ErrorCode.forCode(answer.errorCode());
    }

    @Test
    void nobodyPosesAsAReplica() {
        Partition partition = led();
        append(partition, "a");

        assertThat(fetch(asFollower(2, -1, 1)).errorCode()).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(fetch(asFollower(2, 101, 1)).errorCode()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH.code());
        assertThat(fetch(asFollower(9, 109, 1)).errorCode()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH.code());

        assertThat(partition.highWatermark()).isZero();
    }

    @Test
    void onlyTheListenerOfBrokersIsForReplicas() {
        show(1);
        ReplicaAccess access = new ReplicaAccess(cluster, Optional.of("INNER"));

        assertThat(access.check("PLAINTEXT", 2, 102)).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(access.check("INNER", 2, 102)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aFollowerOfAnotherEpochIsFenced() {
        Partition partition = led();
        append(partition, "a");

        FetchRequest.Builder late = ask(1, EPOCH - 1).replicaState(new FetchRequest.ReplicaState(2, 102));
        assertThat(data(fetch(late)).errorCode()).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH.code());
        FetchRequest.Builder early = ask(1, EPOCH + 1).replicaState(new FetchRequest.ReplicaState(2, 102));
        assertThat(data(fetch(early)).errorCode()).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH.code());
        FetchRequest.Builder without = ask(1, -1).replicaState(new FetchRequest.ReplicaState(2, 102));
        assertThat(data(fetch(without)).errorCode()).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH.code());

        assertThat(partition.highWatermark()).isZero();
    }

    @Test
    void whoAsksTheWrongBrokerIsToldTheLeaderAndItsAddress() {
        show(2);

        FetchResponse elsewhere = fetch(ask(0, -1));

        assertThat(data(elsewhere).errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(data(elsewhere).currentLeader()).isEqualTo(new FetchResponse.LeaderIdAndEpoch(2, EPOCH));
        assertThat(elsewhere.nodeEndpoints())
                .containsExactly(new FetchResponse.NodeEndpoint(2, "host2", 9092, "rack2"));
    }

    @Test
    void aConsumerReadsFromAFollowerUpToWhatThatKnowsToBeCommitted() {
        show(2);
        Partition partition = world.held("t", 0);
        var _ = partition.lead(new LeaderTerm(EPOCH - 1, 0, List.of(1), List.of(1)));
        append(partition, "a");
        var _ = partition.follow(2, EPOCH);

        PartitionData read = data(fetch(ask(0, EPOCH)));

        assertThat(read.errorCode()).isZero();
        assertThat(bytes(read)).isPositive();
        assertThat(data(fetch(ask(0, EPOCH - 1))).errorCode()).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH.code());
    }

    @Test
    void aConsumerIsSentToTheReplicaInItsRackOnceThatHasWhatItWants() {
        Partition partition = led();
        append(partition, "a");
        assertThat(data(fetch(ask(0, EPOCH).rackId("rack2"))).preferredReadReplica())
                .isEqualTo(-1);

        fetch(asFollower(2, 102, 0));
        fetch(asFollower(2, 102, 1));

        assertThat(data(fetch(ask(0, EPOCH).rackId("rack2"))).preferredReadReplica())
                .isEqualTo(2);
        assertThat(data(fetch(ask(0, EPOCH).rackId("rack1"))).preferredReadReplica())
                .isEqualTo(-1);
        assertThat(data(fetch(ask(0, EPOCH).rackId("rack3"))).preferredReadReplica())
                .isEqualTo(-1);
    }

    @Test
    void theEndIsNotToldBeforeItIsCertain() {
        show(1);
        Partition partition = world.held("t", 0);
        var _ = partition.lead(new LeaderTerm(EPOCH - 1, 0, List.of(1, 2, 3), List.of(1, 2)));
        append(partition, "a");
        var _ = partition.lead(new LeaderTerm(EPOCH, 1, List.of(1, 2, 3), List.of(1, 2)));

        assertThat(listOffsets().errorCode()).isEqualTo(ErrorCode.OFFSET_NOT_AVAILABLE.code());
        fetch(asFollower(2, 102, 1));

        assertThat(listOffsets().offset()).isEqualTo(1);
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse listOffsets() {
        ListOffsetsRequest request = ListOffsetsRequest.builder()
                .replicaId(-1)
                .topics(List.of(ListOffsetsRequest.ListOffsetsTopic.builder()
                        .name("t")
                        .partitions(List.of(ListOffsetsRequest.ListOffsetsPartition.builder()
                                .partitionIndex(0)
                                .timestamp(-1)
                                .build()))
                        .build()))
                .build();
        dispatcher.onRequest(connection.exchange(TestConnection.frame(request, (short) 7)));
        return connection
                .lastReply(ListOffsetsResponse.class)
                .topics()
                .getFirst()
                .partitions()
                .getFirst();
    }
}
