package dev.tidemark.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.LeaderHints;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.broker.handler.ApiVersionsHandler;
import dev.tidemark.broker.partition.Append;
import dev.tidemark.broker.partition.AppendListener;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.throttle.Throttle;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchRequest.ForgottenTopic;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FetchHandlerTest {
    private static final short VERSION = 12;

    private final TestPartitions world = new TestPartitions();
    private final TestConnection client = new TestConnection(world.loop);
    private final FetchSessions sessions = new FetchSessions(2, new Random(1));
    private final Queue<Runnable> diskThreads = new ArrayDeque<>();
    private final ClusterView cluster = new ClusterView(1, world.partitions);
    private final LeaderHints hints = new LeaderHints(cluster);
    private final Handlers handlers = new Handlers(List.of(new FetchHandler(
            new PartitionReader(world.partitions, cluster, new PreferredReplicas(cluster, ""), Throttle.NONE),
            sessions,
            new FetchLimits(1 << 20, 10),
            new ReplicaAccess(cluster, Optional.empty()),
            hints,
            diskThreads::add,
            world.loop)));
    private final Dispatcher dispatcher = new Dispatcher(
            handlers,
            new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
            List.of());

    private void append(Partition partition, String... values) {
        append(partition, world.batch(values).buffer(), AppendOrigin.CLIENT);
    }

    private void append(Partition partition, ByteBuffer batches, AppendOrigin origin) {
        partition.append(new Append(batches, origin, world.loop.wallMs(), true, Append.NO_TIMEOUT, new Ignoring(), 0));
    }

    private record Ignoring() implements AppendListener {
        @Override
        public void onAppended(int index, AppendResult result, boolean committed) {
            assertThat(result).isInstanceOf(AppendResult.Appended.class);
        }

        @Override
        public void onCommitted(int index) {}

        @Override
        public void onCommitFailed(int index, ErrorCode error) {}
    }

    private static FetchRequest.Builder request(int session, int epoch, FetchPartition... partitions) {
        FetchRequest.Builder request = FetchRequest.builder()
                .maxWaitMs(500)
                .minBytes(1)
                .maxBytes(1 << 20)
                .sessionId(session)
                .sessionEpoch(epoch);
        if (partitions.length > 0) {
            request.topics(List.of(FetchTopic.builder()
                    .topic("t")
                    .topicId(Uuid.ZERO)
                    .partitions(List.of(partitions))
                    .build()));
        }
        return request;
    }

    private static FetchPartition from(int partition, long offset) {
        return FetchPartition.builder()
                .partition(partition)
                .fetchOffset(offset)
                .partitionMaxBytes(1 << 20)
                .build();
    }

    private FetchResponse fetch(FetchRequest.Builder request) {
        int before = client.replies.size();
        dispatcher.onRequest(client.exchange(TestConnection.frame(request.build(), VERSION)));
        settle();
        assertThat(client.replies).as("answered at once").hasSize(before + 1);
        return client.lastReply(FetchResponse.class);
    }

    private void settle() {
        world.loop.settle();
        Runnable task;
        while ((task = diskThreads.poll()) != null) {
            task.run();
            world.loop.settle();
        }
    }

    private static List<PartitionData> data(FetchResponse response) {
        List<PartitionData> all = new ArrayList<>();
        response.responses().forEach(topic -> all.addAll(topic.partitions()));
        return all;
    }

    private static int bytes(PartitionData data) {
        return data.records() == null ? 0 : data.records().sizeInBytes();
    }

    @Test
    void whatLiesFarFromTheEndIsReadOnADiskThread() {
        Partition partition = world.led("t", 0);
        for (int i = 0; i < 5_000; i++) append(partition, "value " + i);

        dispatcher.onRequest(client.exchange(
                TestConnection.frame(request(0, -1, from(0, 3)).build(), VERSION)));
        world.loop.pass(10_000);

        assertThat(client.replies).as("the loop has not read it").isEmpty();
        settle();
        assertThat(bytes(data(client.lastReply(FetchResponse.class)).getFirst()))
                .isPositive();
        assertThat(client.replies).hasSize(1);
    }

    @Test
    void recordsComeAsTheyLieInTheLog() throws IOException {
        Partition partition = world.led("t", 0);
        append(partition, "one", "two");

        PartitionData data = data(fetch(request(0, -1, from(0, 0)))).getFirst();

        assertThat(data.highWatermark()).isEqualTo(2);
        assertThat(data.records()).isInstanceOf(FileRecords.class);
        assertThat(((FileRecords) data.records()).copy().remaining())
                .isEqualTo(world.batch("one", "two").sizeInBytes());
    }

    @Test
    void anEmptyPartitionIsAnsweredWhenTheTimeIsUp() {
        world.led("t", 0);
        dispatcher.onRequest(client.exchange(
                TestConnection.frame(request(0, -1, from(0, 0)).build(), VERSION)));
        world.loop.pass(499);
        assertThat(client.replies).isEmpty();
        assertThat(client.nextCalls).isEqualTo(1);

        world.loop.pass(1);

        assertThat(data(client.lastReply(FetchResponse.class)))
                .singleElement()
                .satisfies(data -> assertThat(bytes(data)).isZero());
    }

    @Test
    void anAppendWakesTheOneWhoWaits() {
        Partition partition = world.led("t", 0);
        dispatcher.onRequest(client.exchange(
                TestConnection.frame(request(0, -1, from(0, 0)).build(), VERSION)));
        world.loop.pass(100);

        append(partition, "at last");
        world.loop.settle();

        assertThat(client.replies).hasSize(1);
        assertThat(bytes(data(client.lastReply(FetchResponse.class)).getFirst()))
                .isPositive();
        world.loop.pass(10_000);
        assertThat(client.replies).hasSize(1);
    }

    @Test
    void minBytesIsWaitedForOverSeveralAppends() {
        Partition partition = world.led("t", 0);
        int size = world.batch("same size").sizeInBytes();
        dispatcher.onRequest(client.exchange(TestConnection.frame(
                request(0, -1, from(0, 0)).minBytes(2 * size).build(), VERSION)));

        append(partition, "same size");
        world.loop.settle();
        assertThat(client.replies).isEmpty();
        append(partition, "same size");
        world.loop.settle();

        assertThat(bytes(data(client.lastReply(FetchResponse.class)).getFirst()))
                .isEqualTo(2 * size);
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoReadsCommittedRecordsSleepsUntilATransactionEnds() throws IOException {
        Partition partition = world.led("t", 0);
        append(partition, "plain");
        append(partition, inTransaction().transactional().add(world.loop.wallMs(), null, Bytes.utf8("torn")));
        dispatcher.onRequest(client.exchange(TestConnection.frame(
                request(0, -1, from(0, 1)).isolationLevel((byte) 1).build(), VERSION)));
        settle();
        append(partition, "behind the transaction");
        settle();
        assertThat(client.replies).isEmpty();

        append(partition, inTransaction().addEndTransactionMarker(world.loop.wallMs(), false, 0));
        settle();

        PartitionData data = data(client.lastReply(FetchResponse.class)).getFirst();
        assertThat(data.lastStableOffset()).isEqualTo(4);
        assertThat(data.records().sizeInBytes()).isPositive();
        assertThat(data.abortedTransactions()).containsExactly(new FetchResponse.AbortedTransaction(9, 1));
    }

    private static RecordBatchBuilder inTransaction() {
        return new RecordBatchBuilder(Compression.NONE).producer(9, 0, 0);
    }

    private void append(Partition partition, RecordBatchBuilder batch) {
        append(partition, batch.build(), AppendOrigin.COORDINATOR);
    }

    @Test
    void offsetsOutsideOfTheLogAreToldAtOnce() {
        world.led("t", 0);

        assertThat(data(fetch(request(0, -1, from(0, 7)))).getFirst().errorCode())
                .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE.code());
    }

    @Test
    void leaderEpochsAreCompared() {
        world.led("t", 0);

        FetchPartition old = from(0, 0).toBuilder().currentLeaderEpoch(4).build();
        FetchPartition unknown = from(0, 0).toBuilder().currentLeaderEpoch(6).build();

        assertThat(data(fetch(request(0, -1, old))).getFirst().errorCode())
                .isEqualTo(ErrorCode.FENCED_LEADER_EPOCH.code());
        assertThat(data(fetch(request(0, -1, unknown))).getFirst().errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH.code());
    }

    @Test
    void aSessionNamesOnlyWhatIsNew() {
        Partition first = world.led("t", 0);
        Partition second = world.led("t", 1);
        append(first, "a");
        append(second, "b");
        FetchResponse full = fetch(request(0, 0, from(0, 0), from(1, 0)));
        assertThat(data(full)).hasSize(2);
        append(second, "c");

        FetchResponse incremental = fetch(request(full.sessionId(), 1, from(0, 1), from(1, 1)));

        assertThat(data(incremental))
                .singleElement()
                .satisfies(data -> assertThat(data.partitionIndex()).isEqualTo(1));
    }

    @Test
    void aForgottenPartitionIsNotReadAnyMore() {
        append(world.led("t", 0), "a");
        append(world.led("t", 1), "b");
        int session = fetch(request(0, 0, from(0, 0), from(1, 0))).sessionId();

        FetchResponse incremental = fetch(request(session, 1)
                .forgottenTopicsData(List.of(ForgottenTopic.builder()
                        .topic("t")
                        .partitions(List.of(0))
                        .build())));

        assertThat(data(incremental)).extracting(PartitionData::partitionIndex).containsExactly(1);
    }

    @Test
    void aSessionThatIsNotThereAndAnEpochOutOfTurnAreRefused() {
        append(world.led("t", 0), "a");
        int session = fetch(request(0, 0, from(0, 0))).sessionId();

        assertThat(fetch(request(session + 1, 1)).errorCode()).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND.code());
        assertThat(fetch(request(session, 9)).errorCode()).isEqualTo(ErrorCode.INVALID_FETCH_SESSION_EPOCH.code());
    }

    @Test
    void moreSessionsThanSlotsGoOnWithoutOne() {
        append(world.led("t", 0), "a");

        assertThat(fetch(request(0, 0, from(0, 0))).sessionId()).isPositive();
        assertThat(fetch(request(0, 0, from(0, 0))).sessionId()).isPositive();
        assertThat(fetch(request(0, 0, from(0, 0))).sessionId()).isZero();
    }

    @Test
    void aClientThatPosesAsAReplicaIsRefused() {
        append(world.led("t", 0), "a");

        assertThat(fetch(request(0, -1, from(0, 0)).replicaId(2)).errorCode())
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
    }

    @Test
    void tooManyPartitionsAreRefused() {
        FetchPartition[] many = new FetchPartition[11];
        for (int i = 0; i < many.length; i++) many[i] = from(i, 0);

        assertThat(fetch(request(0, -1, many)).errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST.code());
    }
}
