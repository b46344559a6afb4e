package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Replicas over logs in memory under one leader after the other: what is acknowledged, who is in sync, and from
/// where on.
class ReplicationTest {
    private final Replicas cluster =
            new Replicas(3, LogConfig.DEFAULT.toBuilder().minInSyncReplicas(2).build());

    @Test
    void anAppendIsAcknowledgedWhenEveryMemberOfTheIsrHasIt() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);

        Replicas.Ack ack = cluster.append(1, "a", "b");
        assertThat(ack.heard).containsExactly("appended at 0");
        cluster.fetch(2);
        cluster.fetch(3);
        cluster.fetch(2);
        assertThat(ack.heard).containsExactly("appended at 0");
        cluster.fetch(3);

        assertThat(ack.heard).containsExactly("appended at 0", "committed");
        assertThat(cluster.get(1).highWatermark()).isEqualTo(2);
        cluster.settle();
        assertThat(cluster.get(2).highWatermark()).isEqualTo(2);
        cluster.assertIdentical();
    }

    @Test
    void withAcksOfTheLeaderAloneNothingMoreIsHeard() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);

        Replicas.Ack ack = cluster.append(1, false, 30_000, "a");
        cluster.settle();

        assertThat(ack.heard).containsExactly("appended at 0");
    }

    /// A producer takes the answer for an acknowledgement.
    @Test
    void thatABatchWasWrittenBeforeASnapshotIsAnsweredWhenAllHaveIt() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.appendAt(0, 1, "a");
        cluster.appendAt(1, 1, "b");
        cluster.directories.get(1).close(true).join();
        cluster.open(1); // The snapshot tells of the second one only.
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);

        Replicas.Ack ack = cluster.appendAt(0, 1, "a");
        assertThat(ack.heard).containsExactly("DUPLICATE_SEQUENCE_NUMBER");
        cluster.settle();

        assertThat(ack.heard).containsExactly("DUPLICATE_SEQUENCE_NUMBER", "committed");
        assertThat(cluster.values(1)).containsExactly("1:a", "1:b");
    }

    @Test
    void aFencedLeaderTakesNothingFromClients() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.fenced.add(1);

        Replicas.Ack ack = cluster.append(1, false, 30_000, "b");

        assertThat(ack.heard).containsExactly("NOT_LEADER_OR_FOLLOWER");
        assertThat(cluster.get(1).checkLeader(-1)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(cluster.values(1)).containsExactly("1:a");
        cluster.fenced.clear();
        assertThat(cluster.append(1, false, 30_000, "b").heard).containsExactly("appended at 1");
    }

    @Test
    void whoDoesNotFetchLeavesTheIsrAndTheRestGoesOn() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        Replicas.Ack ack = cluster.append(1, "a");
        for (int i = 0; i < 25; i++) {
            cluster.loop.pass(500);
            cluster.fetch(2);
        }

        assertThat(cluster.isr).containsExactly(1, 2);
        assertThat(ack.heard).containsExactly("appended at 0", "committed");
        cluster.settle();
        assertThat(cluster.isr).containsExactly(1, 2, 3);
    }

    /// Its fetches say that it has been at the end just now, again and again.
    @Test
    void nobodyWaitsForAReplicaThatMayNotJoin() {
        cluster.ineligible.add(3);
        cluster.elect(1, List.of(1, 2), 1, 2, 3);
        cluster.fetch(3);
        Replicas.Ack ack = cluster.append(1, "a");
        FollowerPosition stuck = cluster.get(3).fetchPosition().orElseThrow();
        cluster.answer(3, stuck, Integer.MAX_VALUE);

        cluster.fetch(2);
        cluster.fetch(2);

        assertThat(ack.heard).containsExactly("appended at 0", "committed");
        assertThat(cluster.isr).containsExactly(1, 2);
    }

    @Test
    void aLeaderWithoutADiskDoesNotBlameItsFollowers() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        cluster.append(1, "b");
        cluster.disks.get(1).capacityBytes(0);
        cluster.directories.get(1).onDiskFailure(new IOException("No space left on device"));

        cluster.loop.pass(30_000);

        assertThat(cluster.isr).containsExactly(1, 2, 3);
    }

    @Test
    void withTooFewInSyncNothingIsTakenAndWhatWaitsIsRefused() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        Replicas.Ack before = cluster.append(1, "a");
        cluster.loop.pass(11_000);

        assertThat(cluster.isr).containsExactly(1);
        assertThat(before.heard).containsExactly("appended at 0", "NOT_ENOUGH_REPLICAS_AFTER_APPEND");
        assertThat(cluster.append(1, "b").heard).containsExactly("NOT_ENOUGH_REPLICAS");
        assertThat(cluster.append(1, false, 0, "c").heard).containsExactly("appended at 1");
        assertThat(cluster.get(1).highWatermark()).isZero();
        cluster.settle();
        assertThat(cluster.get(1).highWatermark()).isEqualTo(2);
    }

    @Test
    void whoWaitsTooLongIsTold() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);

        Replicas.Ack ack = cluster.append(1, true, 2_000, "a");
        cluster.loop.pass(3_000);

        assertThat(ack.heard).containsExactly("appended at 0", "REQUEST_TIMED_OUT");
    }

    @Test
    void anIsrChangeThatWasNotAnsweredIsAskedForAgain() {
        cluster.elect(1, List.of(1, 2), 1, 2, 3);
        cluster.controllerAnswers = false;
        cluster.settle();
        assertThat(cluster.isr).containsExactly(1, 2);

        cluster.controllerAnswers = true;
        cluster.loop.pass(1_000);

        assertThat(cluster.isr).containsExactly(1, 2, 3);
        assertThat(cluster.get(1).progress()).hasSize(2);
    }

    @Test
    void theEndIsUncertainUntilAllOfTheEarlierEpochIsKnownToBeCommitted() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.fetch(2);
        cluster.fetch(3);

        cluster.elect(2, List.of(2, 3), 1, 2, 3);
        assertThat(cluster.get(2).isEndUncertain()).isTrue();
        cluster.fetch(3);

        assertThat(cluster.get(2).isEndUncertain()).isFalse();
        assertThat(cluster.get(2).highWatermark()).isEqualTo(1);
    }

    @Test
    void whoDeletesRecordsHearsOfItOnceTheyAreGoneEverywhere() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a", "b", "c");
        cluster.settle();

        CompletableFuture<DeletedRecords> deleted = cluster.get(1).deleteRecords(2, 30_000);
        cluster.fetch(2);
        cluster.fetch(3);
        cluster.fetch(2);
        assertThat(deleted).isNotDone();
        cluster.fetch(3);

        assertThat(deleted).isCompletedWithValue(new DeletedRecords(2, ErrorCode.NONE));
        assertThat(cluster.get(3).log().snapshot().logStartOffset()).isEqualTo(2);
    }

    @Test
    void aDeletionOfRecordsThatAFollowerDoesNotHearOfTimesOutOrEndsWithTheLeadership() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a", "b", "c");
        cluster.settle();

        CompletableFuture<DeletedRecords> late = cluster.get(1).deleteRecords(1, 2_000);
        cluster.loop.pass(2_500);
        CompletableFuture<DeletedRecords> overtaken =
                cluster.get(1).deleteRecords(Partition.UP_TO_HIGH_WATERMARK, 30_000);
        cluster.elect(2, List.of(2, 3), 1, 2, 3);

        assertThat(late).isCompletedWithValue(new DeletedRecords(0, ErrorCode.REQUEST_TIMED_OUT));
        assertThat(overtaken).isCompletedWithValue(new DeletedRecords(-1, ErrorCode.NOT_LEADER_OR_FOLLOWER));
        assertThat(cluster.get(2).deleteRecords(4, 1_000))
                .isCompletedWithValue(new DeletedRecords(-1, ErrorCode.OFFSET_OUT_OF_RANGE));
        assertThat(cluster.get(3).deleteRecords(1, 1_000))
                .isCompletedWithValue(new DeletedRecords(-1, ErrorCode.NOT_LEADER_OR_FOLLOWER));
    }

    @Test
    void theHighWatermarkOutlivesACleanRestart() throws IOException {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();

        cluster.get(2).close(log -> {});
        cluster.directories.get(2).close(true).join();
        cluster.open(2);

        assertThat(cluster.get(2).highWatermark()).isEqualTo(1);
        cluster.tell(2);
        cluster.append(1, "b");
        cluster.settle();
        cluster.assertIdentical();
    }

    /// A producer sends on without waiting for answers, and the replica begins to lead between two of its requests.
    @Test
    void whatComesBehindARequestThatCameTooEarlyHearsTheSame() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.appendAt(0, 1, "a");
        cluster.settle();
        cluster.elect(2, List.of(2, 3), 3);

        assertThat(cluster.appendAt(1, 2, "b").heard).containsExactly("NOT_LEADER_OR_FOLLOWER");
        cluster.tell(2);
        assertThat(cluster.appendAt(2, 2, "c").heard).containsExactly("NOT_LEADER_OR_FOLLOWER");

        assertThat(cluster.appendAt(1, 2, "b").heard).containsExactly("appended at 1");
        assertThat(cluster.appendAt(2, 2, "c").heard).containsExactly("appended at 2");
        assertThat(cluster.appendAt(4, 2, "e").heard).containsExactly("OUT_OF_ORDER_SEQUENCE_NUMBER");
    }

    @Test
    void aGapThatNothingRefusedExplainsIsToldAsOne() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.appendAt(0, 1, "a");
        cluster.settle();
        cluster.elect(2, List.of(2, 3), 3);
        cluster.appendAt(3, 2, "d");
        cluster.tell(2);

        assertThat(cluster.appendAt(3, 2, "d").heard).containsExactly("OUT_OF_ORDER_SEQUENCE_NUMBER");
        for (int i = 4; i < 8; i++) {
            assertThat(cluster.appendAt(i, 2, "x").heard).containsExactly("NOT_LEADER_OR_FOLLOWER");
        }
        assertThat(cluster.appendAt(8, 2, "x").heard).containsExactly("OUT_OF_ORDER_SEQUENCE_NUMBER");
    }
}
