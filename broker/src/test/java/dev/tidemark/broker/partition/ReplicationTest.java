package dev.tidemark.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.storage.epoch.EpochEntry;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.ReadResult;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Replicas over logs in memory: a leader, followers, and changes of both.
class ReplicationTest {
    private final Replicas cluster =
            new Replicas(3, LogConfig.DEFAULT.toBuilder().minInSyncReplicas(2).build());

    private static long end(Partition partition) {
        return partition.log().snapshot().logEndOffset();
    }

    private void assertIdentical() {
        for (int broker : cluster.byBroker.keySet()) {
            assertThat(cluster.values(broker)).isEqualTo(cluster.values(cluster.leader));
            assertThat(epochsWithRecords(broker)).isEqualTo(epochsWithRecords(cluster.leader));
        }
    }

    private List<EpochEntry> epochsWithRecords(int broker) {
        Partition partition = cluster.get(broker);
        return partition.log().epochs().entries().stream()
                .filter(entry -> entry.startOffset() < end(partition))
                .toList();
    }

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
        assertIdentical();
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
    void whoseCutFailsFetchesOnFromWhereItIsCut() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        cluster.append(1, "only here");
        cluster.elect(2, List.of(2, 3), 1, 2, 3);
        cluster.append(2, "b");
        cluster.disks.get(1).hook((operation, path, bytes) -> {
            if (operation == DiskOperation.TRUNCATE) throw new IOException("Input/output error");
        });

        assertThat(cluster.fetch(1)).isInstanceOf(FollowOutcome.Failed.class);
        assertThat(cluster.get(1).fetchPosition()).isEmpty();
        cluster.loop.pass(5_000);
        assertThat(cluster.get(1).fetchPosition()).as("while the disk fails").isEmpty();

        cluster.disks.get(1).hook((operation, path, bytes) -> {});
        cluster.loop.pass(10_000);
        cluster.settle();

        assertIdentical();
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void whoHealsCatchesUpWithTheNewLeader() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        cluster.append(1, "only here");
        cluster.directories.get(1).onDiskFailure(new IOException("Input/output error"));
        cluster.elect(2, List.of(2, 3), 1, 2, 3);
        cluster.append(2, "b");
        cluster.settle();

        cluster.loop.pass(10_000);
        cluster.settle();

        assertIdentical();
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
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
    void aNewLeaderHasAllThatWasAcknowledgedAndTheOldOnesTailIsCut() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        Replicas.Ack lost = cluster.append(1, "only here");

        cluster.elect(2, List.of(2, 3), 1, 2, 3);
        assertThat(lost.heard).containsExactly("appended at 1", "NOT_LEADER_OR_FOLLOWER");
        cluster.append(2, "b");
        cluster.settle();

        assertThat(cluster.values(1)).containsExactly("1:a", "2:b");
        assertThat(cluster.truncations).containsExactly(1L);
        assertIdentical();
        assertThat(cluster.isr).contains(1);
    }

    @Test
    void aLeaderThatDoesNotKnowOfItsEndAcknowledgesNothing() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();

        cluster.elect(2, List.of(2, 3), 2, 3);
        Replicas.Ack zombie = cluster.append(1, "x");
        cluster.settle();
        cluster.controllerAnswers = true;
        cluster.loop.pass(20_000);

        assertThat(zombie.heard).doesNotContain("committed");
        assertThat(cluster.get(1).highWatermark()).isEqualTo(1);
        assertThat(cluster.isr).doesNotContain(1);
        cluster.tell(1);
        cluster.settle();
        assertIdentical();
    }

    @Test
    void aLateAnswerOfAnEarlierLeaderChangesNothing() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        FollowerPosition asked = cluster.get(2).fetchPosition().orElseThrow();
        FetchResponse.PartitionData late = cluster.answer(2, asked, Integer.MAX_VALUE);

        cluster.elect(3, List.of(2, 3), 1, 2, 3);

        assertThat(cluster.deliver(2, asked, late)).isEqualTo(new FollowOutcome.Outdated());
        assertThat(end(cluster.get(2))).isZero();
    }

    /// The answer was sent from a file that the deposed leader had cut by then, and filled with the next one's records.
    @Test
    void recordsThatTheLeaderOfThisEpochCannotHaveHadAreRefused() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        FollowerPosition asked = cluster.get(3).fetchPosition().orElseThrow();
        cluster.elect(2, List.of(2, 3), 1, 2);
        cluster.append(2, "b");
        cluster.fetch(1);

        FollowOutcome outcome = cluster.deliver(3, asked, records(1, asked));

        assertThat(outcome).isEqualTo(new FollowOutcome.Fenced(ErrorCode.UNKNOWN_LEADER_EPOCH));
        cluster.tell(3);
        cluster.settle();
        assertIdentical();
    }

    @Test
    void epochsOfRecordsDoNotFall() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a", "b");
        FollowerPosition nothing = cluster.get(3).fetchPosition().orElseThrow();
        FetchResponse.PartitionData ofFirstEpoch = records(1, nothing);
        cluster.elect(2, List.of(2, 3), 2, 3);
        cluster.append(2, "c");
        cluster.fetch(3);
        FollowerPosition asked = cluster.get(3).fetchPosition().orElseThrow();
        assertThat(asked.fetchOffset()).isEqualTo(1);

        FollowOutcome outcome = cluster.deliver(3, asked, renumbered(ofFirstEpoch, 1));

        assertThat(outcome).isEqualTo(new FollowOutcome.Fenced(ErrorCode.FENCED_LEADER_EPOCH));
    }

    private FetchResponse.PartitionData records(int broker, FollowerPosition from) {
        LogSnapshot now = cluster.get(broker).log().snapshot();
        try {
            ReadResult.Read read =
                    (ReadResult.Read) now.read(from.fetchOffset(), Integer.MAX_VALUE, true, now.logEndOffset());
            MemoryRecords copy = new MemoryRecords(read.records().copy());
            read.records().release();
            return FetchResponse.PartitionData.builder()
                    .partitionIndex(0)
                    .highWatermark(0)
                    .records(copy)
                    .build();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// The base offset is not under the checksum.
    private static FetchResponse.PartitionData renumbered(FetchResponse.PartitionData data, long baseOffset) {
        BatchHeader.of(((MemoryRecords) data.records()).buffer()).setBaseOffset(baseOffset);
        return data;
    }

    @Test
    void aFollowerThatHeardOfAnEpochBeforeItsLeaderWaits() {
        cluster.elect(1, List.of(1, 2, 3), 2);

        assertThat(cluster.fetch(2)).isEqualTo(new FollowOutcome.Fenced(ErrorCode.UNKNOWN_LEADER_EPOCH));
    }

    /// KAFKA-7415: the start of the epoch is known before the first record of it.
    @Test
    void theStartOfAnEpochIsKnownFromTheElectionOn() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();

        cluster.elect(2, List.of(1, 2, 3), 1, 2, 3);

        assertThat(cluster.get(2).log().epochs().entries()).containsExactly(new EpochEntry(1, 0), new EpochEntry(2, 1));
        assertThat(cluster.get(2).log().endOffsetForEpoch(1).endOffset()).isEqualTo(1);
    }

    /// KAFKA-7897: a log that misses epochs is cut no further than where it departs.
    @Test
    void aLogThatMissesEpochsIsNotCutTooFar() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        for (int i = 0; i < 10; i++) cluster.append(1, "v" + i);
        cluster.settle();
        for (int i = 0; i < 4; i++) cluster.elect(1 + i % 2, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(2, "w");
        cluster.settle();

        cluster.elect(3, List.of(3), 1, 2, 3);
        cluster.settle();

        assertThat(cluster.truncations).isEmpty();
        assertThat(end(cluster.get(1))).isEqualTo(11);
        assertIdentical();
    }

    /// KAFKA-10706: an epoch that begins at the end goes with a cut to the end, or the cuts would never cease.
    @Test
    void anEpochWithoutRecordsDoesNotOutliveItsLeadership() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.settle();
        cluster.elect(2, List.of(1, 2, 3), 2);
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);

        assertThat(cluster.get(2).log().epochs().entries()).containsExactly(new EpochEntry(1, 0));
        cluster.append(1, "b");
        assertThat(cluster.fetch(2)).isInstanceOf(FollowOutcome.Advanced.class);

        assertThat(cluster.values(2)).containsExactly("1:a", "3:b");
        cluster.settle();
        assertIdentical();
    }

    /// KAFKA-15510: an answer without records leaves the epoch that was fetched last as it is.
    @Test
    void anEmptyAnswerLeavesTheLastFetchedEpoch() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        cluster.fetch(2);

        assertThat(cluster.fetch(2)).isEqualTo(new FollowOutcome.Advanced(0));

        FollowerPosition position = cluster.get(2).fetchPosition().orElseThrow();
        assertThat(position.lastFetchedEpoch()).isEqualTo(1);
        assertThat(position.fetchOffset()).isEqualTo(1);
    }

    /// KAFKA-6361: two failures in a row, the second before anybody wrote: epochs alone tell the logs apart.
    @Test
    void afterTwoQuickFailoversTheLogsAgree() {
        cluster.elect(1, List.of(1, 2), 1, 2);
        cluster.append(1, false, 0, "a", "b");
        cluster.fetch(2);
        cluster.append(1, false, 0, "c");

        cluster.elect(2, List.of(2), 2);
        cluster.elect(1, List.of(1), 1);
        cluster.append(1, false, 0, "d");
        cluster.elect(2, List.of(2), 1, 2);
        cluster.append(2, false, 0, "e", "f");
        cluster.tell(3);
        cluster.settle();

        assertIdentical();
        assertThat(cluster.values(1)).containsExactly("1:a", "1:b", "4:e", "4:f");
    }

    @Test
    void afterAnUncleanElectionRecordsAreLostButLogsDoNotDiffer() {
        cluster.elect(1, List.of(1, 2), 1, 2, 3);
        cluster.append(1, "a");
        cluster.append(1, "b");
        for (int i = 0; i < 3; i++) cluster.fetch(2);
        assertThat(cluster.get(1).highWatermark()).isEqualTo(2);

        cluster.elect(3, List.of(3), 1, 2, 3);
        cluster.append(3, false, 0, "other");
        cluster.settle();

        assertThat(cluster.values(1)).containsExactly("2:other");
        assertIdentical();
        assertThat(cluster.get(1).highWatermark()).isEqualTo(1);
    }

    @Test
    void aFollowerBeginsAnewWhereItsLeadersLogStarts() {
        cluster.elect(1, List.of(1, 2), 1, 2);
        for (int i = 0; i < 5; i++) cluster.append(1, "v" + i);
        for (int i = 0; i < 3; i++) cluster.fetch(2);
        cluster.get(1).inTurn(() -> cluster.get(1).log().deleteRecordsTo(3));

        cluster.tell(3);
        assertThat(cluster.fetch(3)).isEqualTo(new FollowOutcome.Truncated(3));
        cluster.settle();

        assertThat(cluster.values(3)).containsExactly("1:v3", "1:v4");
        assertThat(cluster.get(2).log().snapshot().logStartOffset()).isEqualTo(3);
        assertThat(cluster.get(3).highWatermark()).isEqualTo(5);
    }

    @Test
    void aFollowerThatBeginsInsideOfABatchTakesItWhole() {
        cluster.elect(1, List.of(1, 2), 1, 2);
        cluster.append(1, "a", "b", "c");
        for (int i = 0; i < 3; i++) cluster.fetch(2);
        cluster.get(1).inTurn(() -> cluster.get(1).log().deleteRecordsTo(1));

        cluster.tell(3);
        cluster.settle();

        assertThat(end(cluster.get(3))).isEqualTo(3);
        assertThat(cluster.get(3).log().snapshot().logStartOffset()).isEqualTo(1);
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
        assertIdentical();
    }

    @Test
    void whoIsRestartedWithoutItsTailIsBroughtUpAgain() throws IOException {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        for (int i = 0; i < 5; i++) cluster.append(1, "v" + i);
        cluster.settle();

        cluster.powerCut(2);
        cluster.tell(2);
        cluster.settle();

        assertIdentical();
    }

    @Test
    void anArbitraryCourseOfElectionsEndsInEqualLogs() {
        for (int seed = 0; seed < 60; seed++) {
            Replicas replicas = new Replicas(3, LogConfig.DEFAULT);
            Random random = new Random(seed);
            replicas.elect(1, List.of(1, 2, 3), 1, 2, 3);
            for (int step = 0; step < 60; step++) {
                int broker = 1 + random.nextInt(3);
                switch (random.nextInt(6)) {
                    case 0, 1 -> replicas.append(broker, random.nextBoolean(), 1_000, "s" + step, "t" + step);
                    case 2, 3 -> {
                        if (replicas.get(broker).fetchPosition().isPresent()) {
                            replicas.fetch(broker, random.nextInt(200));
                        }
                    }
                    case 4 -> replicas.tell(broker);
                    default -> {
                        if (random.nextInt(3) == 0) replicas.elect(broker, List.of(broker));
                        else replicas.loop.pass(random.nextInt(3_000));
                    }
                }
            }
            for (int broker = 1; broker <= 3; broker++) replicas.tell(broker);
            replicas.settle();

            for (int broker = 1; broker <= 3; broker++) {
                assertThat(replicas.values(broker)).as("seed " + seed).isEqualTo(replicas.values(replicas.leader));
                assertThat(replicas.get(broker).highWatermark()).isEqualTo(end(replicas.get(replicas.leader)));
            }
        }
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
