package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.read;
import static dev.tidemark.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskFailureTest {
    private final TestWorld world = new TestWorld();

    private static boolean isStorageError(AppendResult result) {
        return result instanceof AppendResult.Rejected rejected && rejected.error() == ErrorCode.KAFKA_STORAGE_ERROR;
    }

    @Test
    void goesOfflineWhenTheDiskIsFullAndComesBackWithAllThatWasAcknowledged() throws IOException {
        PartitionLog log = world.log();
        String value = "x".repeat(1000);
        world.memory().capacityBytes(50_000);
        int acknowledged = 0;
        while (append(log, batch(value + acknowledged)) instanceof AppendResult.Appended) acknowledged++;

        assertThat(world.directory().isOnline()).isFalse();
        assertThat(world.failures).hasSize(1);
        assertThat(isStorageError(append(log, batch("b")))).isTrue();
        assertThat(read(log, 0)).hasSize(acknowledged);
        world.settle(20_000);
        assertThat(world.directory().isOnline()).isFalse();

        world.memory().capacityBytes(Long.MAX_VALUE);
        world.settle(6_000);

        assertThat(world.directory().isOnline()).isTrue();
        assertThat(world.recoveries).isEqualTo(1);
        assertThat(append(log, batch("after"))).isInstanceOf(AppendResult.Appended.class);
        assertThat(read(log, acknowledged)).containsExactly(acknowledged + "=after");
        assertThat(read(world.killAndReopen(), 0)).hasSize(acknowledged + 1).endsWith(acknowledged + "=after");
    }

    @Test
    void whatAFailedWriteLeftIsGoneBeforeTheNextSegment() throws IOException {
        PartitionLog log = world.log();
        String value = "x".repeat(1000);
        world.memory().capacityBytes(50_000);
        int acknowledged = 0;
        while (append(log, batch(value + acknowledged)) instanceof AppendResult.Appended) acknowledged++;
        world.memory().capacityBytes(Long.MAX_VALUE);
        world.settle(6_000);

        log.roll(world.wallMs());
        append(log, batch("after"));

        world.disk = world.memory().kill();
        // So that all is looked at.
        world.disk.delete(TestWorld.DIRECTORY.resolve(OffsetCheckpointFile.RECOVERY_POINT));
        assertThat(read(world.forget().log(), 0)).hasSize(acknowledged + 1).endsWith(acknowledged + "=after");
    }

    @Test
    void aTruncationThatFailsHalfWayIsFinishedLater() throws IOException {
        for (int survived = 0; survived < 6; survived++) {
            TestWorld other = new TestWorld();
            other.config = LogConfig.builder().segmentBytes(300).build();
            PartitionLog log = other.log();
            for (int i = 0; i < 20; i++) append(log, transactional(5, 0, i, "value " + i));
            other.settle(10_000);
            int[] left = {survived};
            other.memory().hook((operation, path, bytes) -> {
                boolean isCut = operation == DiskOperation.TRUNCATE || operation == DiskOperation.DELETE;
                if (isCut && left[0]-- <= 0) throw new IOException("the disk is broken");
            });

            var _ = catchThrowable(() -> other.truncate(log, 10));
            assertThat(log.snapshot().logEndOffset()).isEqualTo(10);
            assertThat(isStorageError(append(log, batch("not now"))))
                    .isEqualTo(!other.directory().isOnline());
            other.memory().hook((operation, path, bytes) -> {});
            other.settle(20_000);

            assertThat(other.directory().isOnline()).isTrue();
            other.truncate(log, 10);
            assertThat(append(log, transactional(5, 0, 10, "new"))).isInstanceOf(AppendResult.Appended.class);
            other.settle(10_000);
            PartitionLog again = other.killAndReopen();
            assertThat(read(again, 8)).containsExactly("8=value 8", "9=value 9", "10=new");
            assertThat(append(again, transactional(5, 0, 10, "new"))).isInstanceOf(AppendResult.Duplicate.class);
        }
    }

    @Test
    void deletesATopicOnAFullDisk() throws IOException {
        PartitionLog log = world.log();
        PartitionLog other = world.directory().create(new TopicPartition("other", 1), TestWorld.TOPIC_ID, world.config);
        append(other, batch("kept"));
        world.memory().capacityBytes(3_000_000);
        String value = "x".repeat(100_000);
        while (append(log, batch(value)) instanceof AppendResult.Appended) {}
        assertThat(world.directory().isOnline()).isFalse();

        world.directory().delete(log);
        world.settle(100_000);

        assertThat(world.directory().isOnline()).isTrue();
        assertThat(world.disk.list(TestWorld.DIRECTORY)).noneMatch(name -> name.startsWith("topic-0"));
        assertThat(append(other, batch("more"))).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void aFailedForceIsNotTakenForOneThatWorkedLater() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 20; i++) append(log, batch("value-" + i));
        boolean[] fails = {true};
        world.memory().hook((operation, path, bytes) -> {
            if (fails[0] && operation == DiskOperation.FORCE && path.toString().endsWith(".log")) {
                throw new IOException("Input/output error");
            }
        });
        var forced = log.force();
        world.runBlocking();
        assertThat(forced).isCompletedExceptionally();
        assertThat(world.directory().isOnline()).isFalse();
        assertThat(log.recoveryPoint()).isZero();

        fails[0] = false;
        world.settle(20_000);

        assertThat(world.directory().isOnline()).isTrue();
        assertThat(log.recoveryPoint()).isEqualTo(20);
        // The pages that the failed force gave up were written again, so that even a power cut takes nothing.
        TestWorld after = new TestWorld(world.memory().crash(new Random(1)), TestWorld.DIRECTORY);
        assertThat(read(after.log(), 0)).hasSize(20);
    }

    /// The kernel does not tell the next process that it has given pages up.
    @Test
    void aFailedForceIsNotForgottenWhenTheProcessIsKilled() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 20; i++) append(log, batch("value-" + i));
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.FORCE) throw new IOException("Input/output error");
        });
        var failed = log.force();
        world.runBlocking();
        assertThat(failed).isCompletedExceptionally();

        PartitionLog again = world.killAndReopen();
        world.settle(100_000);

        assertThat(again.recoveryPoint()).isEqualTo(20);
        assertThat(world.disk.list(TestWorld.DIRECTORY)).noneMatch(name -> name.contains("failed"));
        TestWorld after = new TestWorld(world.memory().crash(new Random(1)), TestWorld.DIRECTORY);
        assertThat(read(after.log(), 0)).hasSize(20);
    }

    @Test
    void aReadThatFailsTakesNothingOffline() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("a"));
        ReadResult result = log.snapshot().read(0, 1000, true, 1);
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.READ) throw new IOException("Input/output error");
        });

        assertThat(catchIo(result)).hasMessage("Input/output error");
        assertThat(append(log, batch("b"))).isInstanceOf(AppendResult.Appended.class);
        assertThat(world.directory().isOnline()).isTrue();
    }

    private static Throwable catchIo(ReadResult result) {
        return catchThrowable(() -> ((ReadResult.Read) result).records().copy());
    }

    @Test
    void whateverOperationFailsNothingAcknowledgedIsLost() throws IOException {
        for (int failAt = 1; failAt < 150; failAt++) {
            TestWorld each = new TestWorld();
            each.config = LogConfig.builder()
                    .segmentBytes(800)
                    .indexIntervalBytes(200)
                    .fileDeleteDelayMs(0)
                    .build();
            PartitionLog log = each.log();
            int[] countdown = {failAt};
            each.memory().hook((operation, path, bytes) -> {
                if (operation != DiskOperation.READ && operation != DiskOperation.OPEN && --countdown[0] == 0) {
                    throw new IOException("Input/output error");
                }
            });
            int acknowledged = 0;
            for (int i = 0; i < 40; i++) {
                if (append(log, batch("value-" + acknowledged)) instanceof AppendResult.Appended) acknowledged++;
                if (i % 10 == 9) each.settle(10_000);
                if (i == 25) log.deleteSegmentsBelow(5, 0);
            }
            each.settle(20_000);

            long start = log.snapshot().logStartOffset();
            assertThat(read(log, start)).as("fails at %d", failAt).hasSize((int) (acknowledged - start));
            PartitionLog again = each.killAndReopen();
            assertThat(read(again, start))
                    .as("fails at %d", failAt)
                    .hasSize((int) (acknowledged - start))
                    .endsWith((acknowledged - 1) + "=value-" + (acknowledged - 1));
        }
    }
}
