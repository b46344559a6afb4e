package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.fromProducer;
import static dev.tidemark.storage.TestBatches.marker;
import static dev.tidemark.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.storage.TestWorld;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a log knows of transactions after what happens to logs.
class TransactionLogTest {
    private final TestWorld world = new TestWorld();

    private static void end(PartitionLog log, long producerId, boolean commit) {
        assertThat(log.appendAsLeader(marker(producerId, 0, commit, 1), 0, AppendOrigin.COORDINATOR, NOW_MS))
                .isInstanceOf(AppendResult.Appended.class);
    }

    private static void replicateAll(PartitionLog log) {
        log.onHighWatermark(log.snapshot().logEndOffset());
    }

    @Test
    void producersAreRememberedAfterATruncation() throws IOException {
        PartitionLog log = world.log();
        append(log, fromProducer(5, 0, 0, "a"));
        append(log, fromProducer(6, 0, 0, "b"));
        append(log, batch("cut"));

        world.truncate(log, 2);
        append(log, batch("later"));

        assertThat(append(log, fromProducer(5, 0, 0, "a"))).isInstanceOf(AppendResult.Duplicate.class);
        assertThat(log.activeProducers(NOW_MS)).hasSize(2);
    }

    @Test
    void whoReadsASegmentThatGoesStillLearnsWhatWasAborted() throws IOException {
        PartitionLog log = world.log();
        append(log, transactional(5, 0, 0, "aborted"));
        end(log, 5, false);
        log.roll(NOW_MS);
        append(log, batch("plain"));
        replicateAll(log);
        log = world.reopen();
        LogSnapshot reader = log.snapshot();

        log.deleteSegmentsBelow(2, NOW_MS);
        world.runBlocking();

        assertThat(reader.abortedTransactions(0, 2)).hasSize(1);
    }

    @Test
    void whatWasStableStaysSoAfterATruncation() throws IOException {
        PartitionLog log = world.log();
        append(log, transactional(5, 0, 0, "a"));
        end(log, 5, true);
        append(log, batch("plain"));
        append(log, batch("cut"));
        log.onHighWatermark(3);

        world.truncate(log, 3);

        assertThat(log.lastStableOffset()).isEqualTo(3);
    }

    @Test
    void aTransactionWhoseMarkerIsCutOffIsOpenAgain() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("plain"));
        append(log, transactional(5, 0, 0, "a"));
        end(log, 5, false);
        replicateAll(log);

        world.truncate(log, 2);

        assertThat(log.lastStableOffset()).isEqualTo(1);
        assertThat(log.snapshot().abortedTransactions(0, 10)).isEmpty();
        end(log, 5, true);
        replicateAll(log);
        assertThat(log.lastStableOffset()).isEqualTo(3);
        assertThat(log.snapshot().abortedTransactions(0, 10)).isEmpty();
    }

    @Test
    void nothingIsHeldBackBelowTheLogStart() throws IOException {
        PartitionLog log = world.log();
        append(log, transactional(5, 0, 0, "a"));
        append(log, batch("b"));
        append(log, batch("c"));
        replicateAll(log);

        log.deleteRecordsTo(2);

        assertThat(log.lastStableOffset()).isEqualTo(2);
        end(log, 5, false);
        replicateAll(log);
        assertThat(log.lastStableOffset()).isEqualTo(4);
    }

    @Test
    void aFetchIsToldOnlyOfWhatTouchesIt() throws IOException {
        world.config = LogConfig.builder().indexIntervalBytes(0).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 300; i++) {
            append(log, transactional(5, 0, i, "aborted " + i));
            end(log, 5, false);
        }
        replicateAll(log);
        LogSnapshot now = log.snapshot();

        ReadResult.Read read = (ReadResult.Read) now.read(200, 400, true, 600);
        List<AbortedTransaction> told = now.abortedTransactions(200, read.records(), 600);
        read.records().release();

        assertThat(told).hasSizeBetween(1, 5);
        assertThat(told.getFirst()).isEqualTo(new AbortedTransaction(5, 200, 201, 202));
        assertThat(now.abortedTransactions(0, 600)).hasSize(300);
        assertThat(now.abortedTransactions(598, 600)).hasSize(1);
    }

    @Test
    void aDamagedTransactionIndexIsMadeAnew() throws IOException {
        for (int damage = 0; damage < 3; damage++) {
            TestWorld other = new TestWorld();
            other.config = LogConfig.builder().segmentBytes(600).build();
            PartitionLog log = other.log();
            for (int i = 0; i < 12; i++) {
                append(log, transactional(5, 0, i, "aborted"));
                append(log, transactional(6, 0, i, "other"));
                end(log, 5, false);
            }
            replicateAll(log);
            List<AbortedTransaction> before = log.snapshot().abortedTransactions(0, 100);
            other.await(other.directory().close(true));

            damage(other.disk, damage);
            other.open();

            assertThat(other.log().snapshot().abortedTransactions(0, 100)).isEqualTo(before);
        }
    }

    @Test
    void aKillWhileATransactionIndexIsMadeAnewLosesNothing() throws IOException {
        for (int done = 0; done < 8; done++) {
            TestWorld other = new TestWorld();
            other.config = LogConfig.builder().segmentBytes(600).build();
            PartitionLog log = other.log();
            for (int i = 0; i < 6; i++) {
                append(log, transactional(5, 0, i, "aborted"));
                end(log, 5, false);
            }
            replicateAll(log);
            List<AbortedTransaction> before = log.snapshot().abortedTransactions(0, 100);
            other.await(other.directory().close(true));
            damage(other.disk, 0);
            int[] left = {done};
            other.memory().hook((operation, path, _) -> {
                boolean isChange = operation == DiskOperation.DELETE
                        || operation == DiskOperation.WRITE
                        || operation == DiskOperation.RENAME;
                boolean isIndex = path.toString().contains(".txnindex");
                if (isChange && isIndex && left[0]-- <= 0) throw new IOException("killed");
            });
            other.open();

            log = other.killAndReopen();

            assertThat(log.snapshot().abortedTransactions(0, 100)).isEqualTo(before);
        }
    }

    private static void damage(Disk disk, int how) throws IOException {
        Path folder = TestWorld.DIRECTORY.resolve("topic-0");
        for (String name : disk.list(folder)) {
            if (!name.endsWith(".txnindex")) continue;
            try (DiskFile file = disk.open(folder.resolve(name), Disk.Access.READ_WRITE)) {
                switch (how) {
                    case 0 -> file.truncate(file.sizeBytes() - 1);
                    case 1 -> file.write(ByteBuffer.allocate(34), file.sizeBytes());
                    default -> file.write(ByteBuffer.wrap(new byte[] {9}), 1);
                }
            }
        }
    }

    @Test
    void lostSnapshotsAreMadeAnewFromTheBatches() throws IOException {
        PartitionLog log = world.log();
        append(log, transactional(5, 0, 0, "open"));
        append(log, fromProducer(6, 0, 0, "a"));
        world.await(world.directory().close(true));
        Path folder = TestWorld.DIRECTORY.resolve("topic-0");
        for (String name : world.disk.list(folder)) {
            if (name.endsWith(".snapshot")) world.disk.delete(folder.resolve(name));
        }

        world.open();
        log = world.log();

        assertThat(append(log, fromProducer(6, 0, 0, "a"))).isInstanceOf(AppendResult.Duplicate.class);
        replicateAll(log);
        assertThat(log.lastStableOffset()).isZero();
    }

    @Test
    void stopsLeaveOneSnapshotBesideThoseOfTheSegments() throws IOException {
        world.config = LogConfig.builder().segmentBytes(500).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 10; i++) {
            append(log, fromProducer(5, 0, i, "x".repeat(20)));
            log = world.reopen();
        }

        List<Long> bases = log.snapshot().segments().stream()
                .map(segment -> segment.baseOffset())
                .toList();
        assertThat(log.producerHistory().offsets().stream().filter(offset -> !bases.contains(offset)))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aFollowerTakesAMarkerThatSaysNothing() throws IOException {
        PartitionLog log = world.log();
        ByteBuffer odd = new RecordBatchBuilder(Compression.NONE)
                .producer(5, (short) 0, -1)
                .transactional()
                .control()
                .add(NOW_MS, dev.tidemark.base.Bytes.utf8("\0\0\0\0"), null)
                .build();

        assertThat(log.appendAsFollower(odd, Integer.MAX_VALUE, NOW_MS)).isInstanceOf(AppendResult.Appended.class);
        assertThat(log.appendAsLeader(odd.duplicate(), 0, AppendOrigin.COORDINATOR, NOW_MS))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        rejected -> assertThat(rejected.error()).isEqualTo(ErrorCode.INVALID_RECORD));
    }
}
