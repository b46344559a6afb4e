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
import org.junit.jupiter.api.Test;

/// Replicas over logs in memory whose leader changes: epochs and cuts bring their logs together again.
class LeaderChangeTest {
    private final Replicas cluster =
            new Replicas(3, LogConfig.DEFAULT.toBuilder().minInSyncReplicas(2).build());

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

        cluster.assertIdentical();
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

        cluster.assertIdentical();
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
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
        cluster.assertIdentical();
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
        cluster.assertIdentical();
    }

    @Test
    void aLateAnswerOfAnEarlierLeaderChangesNothing() {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        cluster.append(1, "a");
        FollowerPosition asked = cluster.get(2).fetchPosition().orElseThrow();
        FetchResponse.PartitionData late = cluster.answer(2, asked, Integer.MAX_VALUE);

        cluster.elect(3, List.of(2, 3), 1, 2, 3);

        assertThat(cluster.deliver(2, asked, late)).isEqualTo(new FollowOutcome.Outdated());
        assertThat(Replicas.end(cluster.get(2))).isZero();
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
        cluster.assertIdentical();
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
        assertThat(Replicas.end(cluster.get(1))).isEqualTo(11);
        cluster.assertIdentical();
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
        cluster.assertIdentical();
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

        cluster.assertIdentical();
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
        cluster.assertIdentical();
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

        assertThat(Replicas.end(cluster.get(3))).isEqualTo(3);
        assertThat(cluster.get(3).log().snapshot().logStartOffset()).isEqualTo(1);
    }

    @Test
    void whoIsRestartedWithoutItsTailIsBroughtUpAgain() throws IOException {
        cluster.elect(1, List.of(1, 2, 3), 1, 2, 3);
        for (int i = 0; i < 5; i++) cluster.append(1, "v" + i);
        cluster.settle();

        cluster.powerCut(2);
        cluster.tell(2);
        cluster.settle();

        cluster.assertIdentical();
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
                assertThat(replicas.get(broker).highWatermark()).isEqualTo(Replicas.end(replicas.get(replicas.leader)));
            }
        }
    }
}
