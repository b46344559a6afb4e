package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.marker;
import static dev.tidemark.storage.TestBatches.read;
import static dev.tidemark.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A cut is in memory at once; in the files, and lasting, in several steps.
class TruncationTest {
    private final TestWorld world = new TestWorld();
    private final List<String> operations = new ArrayList<>();

    /// Twenty records, all on the disk, and the checkpoint says so.
    private PartitionLog forced() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 20; i++) append(log, batch("old-" + i));
        world.settle(10_000);
        assertThat(onDisk()).isEqualTo(20);
        return log;
    }

    private long onDisk() throws IOException {
        return new OffsetCheckpointFile(world.disk, TestWorld.DIRECTORY.resolve(OffsetCheckpointFile.RECOVERY_POINT))
                .read()
                .getOrDefault(TestWorld.PARTITION, 0L);
    }

    private void watch() {
        world.memory().hook((operation, path, _) -> {
            if (operation != DiskOperation.READ && operation != DiskOperation.OPEN) {
                operations.add(operation + " " + path.getFileName());
            }
        });
    }

    private static boolean isRefused(AppendResult result) {
        return result instanceof AppendResult.Rejected refused && refused.error() == ErrorCode.KAFKA_STORAGE_ERROR;
    }

    @Test
    void theWriterNeitherLowersTheRecoveryPointNorCutsAFileBeforeThatWasDone() throws IOException {
        PartitionLog log = forced();
        watch();

        log.truncateTo(10);
        var lowered = log.settleTruncation();

        assertThat(operations).isEmpty();
        assertThat(log.snapshot().logEndOffset()).isEqualTo(10);
        assertThat(read(log, 8)).containsExactly("8=old-8", "9=old-9");
        world.await(lowered);
        assertThat(onDisk()).isEqualTo(10);
        assertThat(operations).noneMatch(operation -> operation.startsWith("TRUNCATE 0"));

        world.settleTruncation(log);
        assertThat(operations).contains("TRUNCATE 00000000000000000000.log");
        append(log, batch("new"));
        assertThat(read(log, 9)).containsExactly("9=old-9", "10=new");
    }

    @Test
    void whereTheDiskSaysNoMoreTheFilesAreCutAtOnce() throws IOException {
        PartitionLog log = forced();
        for (int i = 20; i < 30; i++) append(log, batch("old-" + i));
        watch();

        log.truncateTo(25);

        assertThat(operations).containsExactly("TRUNCATE 00000000000000000000.log");
    }

    /// A follower may be made the leader just then. A power cut would leave a mix of what was cut and what came, in
    /// which no other replica sees where it departs from the leader's.
    @Test
    void nothingIsAppendedBeforeWhatWasCutIsOffTheDisk() throws IOException {
        PartitionLog log = forced();
        for (int i = 20; i < 30; i++) append(log, batch("old-" + i));
        log.truncateTo(25);

        assertThat(isRefused(append(log, batch("new")))).isTrue();
        assertThat(isRefused(append(log, batch("new")))).isTrue();
        world.runBlocking(); // Whoever wants to append has begun to settle it.

        assertThat(append(log, batch("new"))).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void aSecondCutDoesWhatTheFirstHadLeftToDo() throws IOException {
        world.config = LogConfig.builder().segmentBytes(300).build();
        PartitionLog log = forced();

        log.truncateTo(12);
        log.truncateTo(5);
        log.truncateTo(3);
        world.settleTruncation(log);

        append(log, batch("new"));
        assertThat(read(log, 2)).containsExactly("2=old-2", "3=new");
        assertThat(read(world.killAndReopen(), 2)).containsExactly("2=old-2", "3=new");
    }

    @Test
    void aTransactionWhoseMarkerWasCutIsNotTakenForStableMeanwhile() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("before"));
        append(log, transactional(5, 0, 0, "open again"));
        log.appendAsLeader(marker(5, 0, true, 0), 0, AppendOrigin.COORDINATOR, NOW_MS);
        log.onHighWatermark(3);
        world.settle(10_000);
        assertThat(log.lastStableOffset()).isEqualTo(3);

        log.truncateTo(2);
        log.onHighWatermark(1);
        log.onHighWatermark(2);
        assertThat(log.lastStableOffset()).isLessThanOrEqualTo(1);

        world.settleTruncation(log);
        assertThat(log.lastStableOffset()).isEqualTo(1);
    }

    /// Which has the name of the one that is about to be deleted, and of which others make sure that it is there.
    @Test
    void theNextSegmentsFileIsNotMistakenForTheOneThatGoes() throws IOException {
        world.config = LogConfig.builder().segmentBytes(300).build();
        PartitionLog log = forced();
        log.deleteSegmentsBelow(15, world.wallMs());
        long first = log.snapshot().segments().getFirst().baseOffset();
        log.deleteRecordsTo(first + 1);

        log.truncateTo(first);
        world.settleTruncation(log); // And what was to be done in the background before.

        append(log, batch("new"));
        assertThat(read(world.killAndReopen(), first)).containsExactly(first + "=new");
    }

    @Test
    void aCleanStopFinishesACut() throws IOException {
        PartitionLog log = forced();
        log.truncateTo(10);

        PartitionLog again = world.reopen();

        assertThat(again.snapshot().logEndOffset()).isEqualTo(10);
        assertThat(onDisk()).isEqualTo(10);
    }
}
