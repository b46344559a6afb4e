package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.batchAt;
import static dev.tidemark.storage.TestBatches.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionLogTest {
    private final TestWorld world = new TestWorld();

    @Test
    void givesOffsetsAndReadsThemBack() throws IOException {
        PartitionLog log = world.log();

        AppendResult first = append(log, batch("a", "b"));
        AppendResult second = append(log, batch("c"));

        assertThat(first).isInstanceOfSatisfying(AppendResult.Appended.class, appended -> {
            assertThat(appended.firstOffset()).isZero();
            assertThat(appended.lastOffset()).isEqualTo(1);
            assertThat(appended.logAppendTimeMs()).isEqualTo(-1);
        });
        assertThat(second)
                .isInstanceOfSatisfying(
                        AppendResult.Appended.class,
                        appended -> assertThat(appended.firstOffset()).isEqualTo(2));
        assertThat(read(log, 0)).containsExactly("0=a", "1=b", "2=c");
        assertThat(read(log, 1)).containsExactly("1=b", "2=c");
    }

    @Test
    void survivesACleanStop() throws IOException {
        PartitionLog log = world.log();
        log.onBecomeLeader(0);
        for (int i = 0; i < 100; i++) append(log, batch("value-" + i));
        log.onHighWatermark(100);

        PartitionLog reopened = world.reopen();

        assertThat(world.directory().wasCleanlyStopped()).isTrue();
        assertThat(reopened.snapshot().logEndOffset()).isEqualTo(100);
        assertThat(reopened.highWatermark()).isEqualTo(100);
        assertThat(reopened.recoveryPoint()).isEqualTo(100);
        assertThat(reopened.topicId()).isEqualTo(TestWorld.TOPIC_ID);
        assertThat(read(reopened, 0)).hasSize(100).startsWith("0=value-0").endsWith("99=value-99");
        assertThat(reopened.latestEpoch()).hasValue(0);
    }

    @Test
    void survivesAKill() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 100; i++) append(log, batch("value-" + i));

        PartitionLog reopened = world.killAndReopen();

        assertThat(world.directory().wasCleanlyStopped()).isFalse();
        assertThat(read(reopened, 0)).hasSize(100).startsWith("0=value-0").endsWith("99=value-99");
        append(reopened, batch("more"));
        assertThat(read(reopened, 99)).containsExactly("99=value-99", "100=more");
    }

    @Test
    void rollsAndReadsOverSegments() throws IOException {
        world.config =
                LogConfig.builder().segmentBytes(500).indexIntervalBytes(100).build();
        PartitionLog log = world.log();

        for (int i = 0; i < 50; i++) append(log, batch("value-" + i));

        assertThat(log.snapshot().segments()).hasSizeGreaterThan(5);
        for (int i = 0; i < 50; i++) assertThat(read(log, i)).hasSize(50 - i).startsWith(i + "=value-" + i);
        assertThat(read(world.reopen(), 0)).hasSize(50);
        assertThat(read(world.killAndReopen(), 0)).hasSize(50);
    }

    @Test
    void rollsByTheTimeOfTheFirstBatch() throws IOException {
        world.config = LogConfig.builder().segmentMs(1000).build();
        PartitionLog log = world.log();

        append(log, batchAt(NOW_MS, "a"));
        append(log, batchAt(NOW_MS + 1000, "b"));
        append(log, batchAt(NOW_MS + 1001, "c"));

        assertThat(log.snapshot().segments()).extracting(s -> s.baseOffset()).containsExactly(0L, 2L);
    }

    @Test
    void readsNothingAtOrAboveTheBound() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 10; i++) append(log, batch("a" + i, "b" + i));
        LogSnapshot snapshot = log.snapshot();

        assertThat(TestBatches.records(snapshot.read(0, 1 << 20, true, 6)))
                .extracting(r -> r.offset())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        // In the middle of a batch: the batch is left out.
        assertThat(TestBatches.records(snapshot.read(0, 1 << 20, true, 7))).hasSize(6);
        assertThat(snapshot.read(6, 1 << 20, true, 6)).isEqualTo(ReadResult.NOTHING_NEW);
        assertThat(snapshot.read(20, 1 << 20, true, 20)).isEqualTo(ReadResult.NOTHING_NEW);
        assertThat(snapshot.read(21, 1 << 20, true, 20)).isEqualTo(new ReadResult.OutOfRange(0, 20));
        assertThat(snapshot.read(-1, 1 << 20, true, 20)).isEqualTo(new ReadResult.OutOfRange(0, 20));
    }

    @Test
    void givesWholeBatchesUpToTheWantedSize() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 10; i++) append(log, batch("value-" + i));
        int batchBytes = batch("value-0").remaining();
        LogSnapshot snapshot = log.snapshot();

        assertThat(TestBatches.records(snapshot.read(0, 3 * batchBytes + 5, true, 10)))
                .hasSize(3);
        assertThat(TestBatches.records(snapshot.read(0, batchBytes - 1, true, 10)))
                .hasSize(1);
        assertThat(snapshot.read(0, batchBytes - 1, false, 10)).isEqualTo(ReadResult.NONE_FITS);
    }

    @Test
    void stampsTheTimeOfTheAppend() throws IOException {
        world.config =
                LogConfig.builder().timestampType(TimestampType.LOG_APPEND_TIME).build();
        PartitionLog log = world.log();

        AppendResult result = append(log, batchAt(5, "a"));

        assertThat(result)
                .isInstanceOfSatisfying(
                        AppendResult.Appended.class,
                        appended -> assertThat(appended.logAppendTimeMs()).isEqualTo(NOW_MS));
        assertThat(log.snapshot().offsetForTimestamp(6)).contains(new TimestampAndOffset(NOW_MS, 0, 0));
    }

    @Test
    void findsRecordsByTime() throws IOException {
        world.config =
                LogConfig.builder().segmentBytes(600).indexIntervalBytes(100).build();
        PartitionLog log = world.log();
        log.onBecomeLeader(3);
        for (int i = 0; i < 40; i++) {
            log.appendAsLeader(batchAt(NOW_MS + 10L * i, "a", "b"), 3, AppendOrigin.CLIENT, NOW_MS);
        }

        for (PartitionLog each : new PartitionLog[] {log, world.reopen()}) {
            LogSnapshot snapshot = each.snapshot();
            for (int i = 0; i < 40; i++) {
                assertThat(snapshot.offsetForTimestamp(NOW_MS + 10L * i - 9))
                        .contains(new TimestampAndOffset(NOW_MS + 10L * i, 2L * i, 3));
            }
            assertThat(snapshot.offsetForTimestamp(NOW_MS + 391)).isEmpty();
            assertThat(snapshot.offsetOfMaxTimestamp()).contains(new TimestampAndOffset(NOW_MS + 390, 78, 3));
        }
    }

    @Test
    void truncatesAndGoesOn() throws IOException {
        world.config =
                LogConfig.builder().segmentBytes(500).indexIntervalBytes(100).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 50; i++) append(log, batch("value-" + i));

        assertThat(log.truncateTo(60)).isFalse();
        assertThat(log.truncateTo(23)).isTrue();
        assertThat(log.snapshot().logEndOffset()).isEqualTo(23);
        world.settleTruncation(log);

        append(log, batch("new"));
        assertThat(read(log, 21)).containsExactly("21=value-21", "22=value-22", "23=new");
        assertThat(read(world.killAndReopen(), 21)).containsExactly("21=value-21", "22=value-22", "23=new");
    }

    @Test
    void takesWhatALeaderSent() throws IOException {
        PartitionLog leader = world.log();
        for (int i = 0; i < 10; i++) append(leader, batch("value-" + i));
        ReadResult.Read sent = (ReadResult.Read) leader.snapshot().read(3, 1 << 20, true, 10);
        ByteBuffer bytes = sent.records().copy();
        sent.records().release();
        TestWorld other = new TestWorld();
        PartitionLog follower = other.log();
        follower.truncateFullyAndStartAt(3);

        AppendResult result = follower.appendAsFollower(
                TestBatches.direct(bytes.limit(bytes.limit() - 1)), Integer.MAX_VALUE, NOW_MS);

        assertThat(result).isInstanceOf(AppendResult.Appended.class);
        assertThat(follower.snapshot().logStartOffset()).isEqualTo(3);
        assertThat(read(follower, 3)).hasSize(6).startsWith("3=value-3");
        assertThat(follower.latestEpoch()).hasValue(0);
        assertThat(follower.appendAsFollower(TestBatches.direct(bytes.rewind()), Integer.MAX_VALUE, NOW_MS))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        rejected -> assertThat(rejected.error()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
    }

    /// Else a replica with unacknowledged records of the epoch before would keep them, in the place of what was
    /// compacted.
    @ParameterizedTest
    @ValueSource(ints = {250, 100_000})
    void anEpochWhoseFirstRecordsWereCompactedBeginsWhereTheOneBeforeEnds(int segmentBytes) throws IOException {
        PartitionLog leader = world.log();
        for (int epoch = 0; epoch < 2; epoch++) {
            leader.onBecomeLeader(epoch);
            for (int i = 0; i < 3; i++) leader.appendAsLeader(batch("value-" + i), epoch, AppendOrigin.CLIENT, NOW_MS);
        }
        TestWorld other = new TestWorld();
        other.config = LogConfig.builder().segmentBytes(segmentBytes).build();
        PartitionLog follower = other.log();

        take(follower, copy(leader, 0, 3));
        take(follower, copy(leader, 5, 6)); // 3 and 4 are compacted.

        EpochEndOffset end = new EpochEndOffset(0, 3);
        assertThat(follower.endOffsetForEpoch(0)).isEqualTo(end);
        PartitionLog recovered = other.killAndReopen();
        assertThat(read(recovered, 0)).hasSize(4).endsWith("5=value-2");
        assertThat(recovered.endOffsetForEpoch(0)).isEqualTo(end);
        other.await(other.directory().close(true));
        other.disk.delete(recovered.folder().path().resolve("leader-epoch-checkpoint"));
        other.open();
        assertThat(other.log().endOffsetForEpoch(0)).isEqualTo(end);
    }

    private static ByteBuffer copy(PartitionLog log, long from, long to) throws IOException {
        ReadResult.Read sent = (ReadResult.Read) log.snapshot().read(from, 1 << 20, true, to);
        ByteBuffer bytes = sent.records().copy();
        sent.records().release();
        return TestBatches.direct(bytes);
    }

    private static void take(PartitionLog follower, ByteBuffer batches) {
        assertThat(follower.appendAsFollower(batches, Integer.MAX_VALUE, NOW_MS))
                .isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void refusesWhatIsNotABatchAndStaysAsItWas() throws IOException {
        PartitionLog log = world.log();
        ByteBuffer damaged = batch("a");
        damaged.put(damaged.limit() - 1, (byte) 99);

        assertThat(append(log, damaged))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        rejected -> assertThat(rejected.error()).isEqualTo(ErrorCode.CORRUPT_MESSAGE));
        assertThat(log.snapshot().logEndOffset()).isZero();
        assertThat(world.disk.exists(TestWorld.DIRECTORY.resolve("topic-0/00000000000000000000.log")))
                .isFalse();
    }

    @Test
    void forgetsDeletedRecordsButNotTheirOffsets() throws IOException {
        world.config = LogConfig.builder().segmentBytes(500).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 50; i++) append(log, batch("value-" + i));

        assertThat(log.deleteRecordsTo(33)).isEqualTo(33);
        assertThat(log.deleteSegmentsBelow(33, NOW_MS)).isPositive();
        assertThat(log.snapshot().read(32, 1000, true, 50)).isEqualTo(new ReadResult.OutOfRange(33, 50));
        assertThat(read(log, 33)).hasSize(17);
        world.settle(100_000);
        assertThat(read(world.killAndReopen(), 33)).hasSize(17);

        PartitionLog again = world.log();
        again.deleteSegmentsBelow(50, NOW_MS);
        world.settle(100_000);
        assertThat(again.snapshot().logStartOffset()).isEqualTo(50);
        assertThat(world.killAndReopen().snapshot().logEndOffset()).isEqualTo(50);
        assertThat(world.reopen().snapshot().logEndOffset()).isEqualTo(50);
    }

    @Test
    void readersKeepASegmentThatIsDeleted() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("a"));
        ReadResult.Read read = (ReadResult.Read) log.snapshot().read(0, 1000, true, 1);
        LogSnapshot before = log.snapshot();

        log.deleteSegmentsBelow(1, NOW_MS);
        world.settle(100_000);

        assertThat(TestBatches.records(read)).hasSize(1);
        assertThat(before.read(0, 1000, true, 1)).isEqualTo(new ReadResult.OutOfRange(1, 1));
    }

    @Test
    void saysWhenTheTopicWantsAForceAndForces() throws IOException {
        world.config = LogConfig.builder().flushMessages(3).build();
        PartitionLog log = world.log();

        assertThat(forceNeeded(append(log, batch("a", "b")))).isFalse();
        assertThat(forceNeeded(append(log, batch("c")))).isTrue();
        assertThat(log.recoveryPoint()).isZero();
        world.await(log.force());

        assertThat(log.recoveryPoint()).isEqualTo(3);
        assertThat(forceNeeded(append(log, batch("d")))).isFalse();
    }

    private static boolean forceNeeded(AppendResult result) {
        return ((AppendResult.Appended) result).forceNeeded();
    }

    @Test
    void findsTheNewestBatchesWithoutTheDisk() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 5_000; i++) append(log, batch("v"));
        LogSnapshot snapshot = log.snapshot();
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.READ) throw new IOException("looked on the disk for " + path);
        });

        assertThat(snapshot.isNearEnd(0)).isFalse();
        assertThat(snapshot.isNearEnd(5_000)).isTrue();
        for (int i = 4_800; i < 5_000; i++) {
            assertThat(snapshot.isNearEnd(i)).isTrue();
            ReadResult.Read read = (ReadResult.Read) snapshot.read(i, 1_000, true, 5_000);
            assertThat(read.records().sizeInBytes()).isPositive();
            read.records().release();
        }
    }

    @Test
    void compressesAsTheTopicAsks() throws IOException {
        world.config = LogConfig.builder().compression("zstd", -1, 9, 3).build();
        PartitionLog log = world.log();

        append(log, batch("x".repeat(10_000), "y".repeat(10_000)));

        assertThat(log.snapshot().sizeInBytes()).isLessThan(1_000);
        assertThat(read(log, 0)).containsExactly("0=" + "x".repeat(10_000), "1=" + "y".repeat(10_000));
        assertThat(read(world.killAndReopen(), 1)).hasSize(1);
    }

    @Test
    void aCompactedLogsSegmentEndsBeforeItsFirstRecordMustBeCleaned() throws IOException {
        world.config =
                LogConfig.builder().compact(true).maxCompactionLagMs(1_000).build();
        PartitionLog log = world.log();

        append(log, batchAt(TestBatches.NOW_MS, "a"));
        append(log, batchAt(TestBatches.NOW_MS + 1_000, "b"));
        assertThat(log.snapshot().segments()).hasSize(1);
        append(log, batchAt(TestBatches.NOW_MS + 1_001, "c"));

        assertThat(log.snapshot().segments()).hasSize(2);
    }
}
