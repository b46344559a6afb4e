package dev.tidemark.storage.cleaner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.segment.CorruptLogException;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogCompactionTest {
    @Test
    void keepsTheLatestRecordOfEachKeyAtItsOffset() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1", "b=1", "c=1");
        log.put("a=2");
        log.put("b=2", "d=1");

        CleaningResult result = log.clean();

        assertThat(log.records()).containsExactly("2:c=1", "3:a=2", "4:b=2", "5:d=1");
        assertThat(result.completed()).isTrue();
        assertThat(result.cleanedTo()).isEqualTo(6);
        assertThat(result.keys()).isEqualTo(4);
        assertThat(log.log.snapshot().logEndOffset()).isEqualTo(6);
    }

    @Test
    void leavesTheActiveSegmentAlone() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.put("a=2");
        log.roll();
        log.put("a=3");
        log.put("a=4");

        log.cleanSealed(1 << 20);

        assertThat(log.records()).containsExactly("1:a=2", "2:a=3", "3:a=4");
    }

    @Test
    void aLaterPassTakesUpWhereTheFirstEnded() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1", "b=1");
        log.clean();
        log.put("a=2", "c=1");
        CleaningResult second = log.clean();

        assertThat(log.records()).containsExactly("1:b=1", "2:a=2", "3:c=1");
        assertThat(second.keys()).isEqualTo(2);
    }

    @Test
    void whatDoesNotChangeKeepsItsBytes() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.put("b=1", "c=1");
        List<ByteBuffer> before = log.batches().stream().map(BatchHeader::bytes).toList();

        log.clean();

        assertThat(log.batches().stream().map(BatchHeader::bytes).toList()).isEqualTo(before);
    }

    @Test
    void aTombstoneGoesOnceItsHorizonHasPassed() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1", "b=1");
        log.put("a");
        log.clean();
        assertThat(log.records()).containsExactly("1:b=1", "2:a");
        BatchHeader tombstone = log.batches().getLast();
        assertThat(tombstone.hasDeleteHorizon()).isTrue();
        assertThat(tombstone.baseTimestamp()).isEqualTo(log.world.wallMs() + CompactedLog.DELETE_RETENTION_MS);
        assertThat(tombstone.maxTimestamp()).isEqualTo(log.world.wallMs());

        log.world.settle(CompactedLog.DELETE_RETENTION_MS - 1);
        log.put("x=1");
        log.clean();
        assertThat(log.records()).containsExactly("1:b=1", "2:a", "3:x=1");

        log.world.settle(1);
        log.put("x=2");
        log.clean();
        assertThat(log.records()).containsExactly("1:b=1", "4:x=2");
    }

    @Test
    void recordsWithoutAKeyGo() throws IOException {
        TestWorld world = new TestWorld();
        CompactedLog log = new CompactedLog(world, LogConfig.builder().build());
        log.append(new RecordBatchBuilder(Compression.NONE)
                .add(world.wallMs(), null, Bytes.utf8("no key"))
                .add(world.wallMs(), Bytes.utf8("k"), Bytes.utf8("v"))
                .build());
        log.log.onConfigChange(CompactedLog.config().build());

        log.clean();

        assertThat(log.records()).containsExactly("1:k=v");
    }

    @Test
    void theLastBatchOfAProducerStaysWithoutItsRecords() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.putFrom(7, "a=1");
        log.putFrom(7, "a=2", "b=2");
        log.put("a=3", "b=3");

        log.clean();

        assertThat(log.records()).containsExactly("3:a=3", "4:b=3");
        BatchHeader kept = log.batches().getFirst();
        assertThat(kept.recordCount()).isZero();
        assertThat(kept.baseOffset()).isEqualTo(1);
        assertThat(kept.lastOffset()).isEqualTo(2);
        assertThat(kept.producerId()).isEqualTo(7);
        assertThat(kept.baseSequence()).isEqualTo(1);
        assertThat(kept.lastSequence()).isEqualTo(2);
        assertThat(kept.maxTimestamp()).isEqualTo(log.world.wallMs());

        log.world.disk = log.world.memory(); // The next sequence is known also after a stop without a snapshot's help.
        log.reopen();
        log.putFrom(7, "c=1");
        log.clean();
        assertThat(log.batches()).noneMatch(batch -> batch.recordCount() == 0);
    }

    @Test
    void abortedRecordsGoAtOnceAndTheirMarkerLater() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.putInTransaction(7, "a=2", "b=2");
        log.end(7, false);
        log.putInTransaction(7, "z=0"); // So that 7 has a later batch.
        log.end(7, true);

        log.clean();
        assertThat(log.records()).containsExactly("0:a=1", "4:z=0");
        assertThat(log.batches()).filteredOn(BatchHeader::isControl).hasSize(2);
        assertThat(log.log.snapshot().abortedTransactions(0, 6)).hasSize(1);

        log.put("c=1");
        log.clean(); // Now the marker's transaction has no records, and its time begins.
        assertThat(log.batches()).filteredOn(BatchHeader::isControl).hasSize(2);
        assertThat(log.batches().stream().filter(BatchHeader::isControl).findFirst())
                .hasValueSatisfying(
                        marker -> assertThat(marker.hasDeleteHorizon()).isTrue());
        assertThat(log.log.snapshot().abortedTransactions(0, 6)).isEmpty();

        log.world.settle(CompactedLog.DELETE_RETENTION_MS);
        log.put("c=2");
        log.clean();
        assertThat(log.batches()).filteredOn(BatchHeader::isControl).hasSize(1);
        assertThat(log.committedTable()).containsOnlyKeys("a", "c", "z");
    }

    @Test
    void anOpenTransactionIsNotTouched() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.put("a=2");
        log.putInTransaction(7, "a=3");
        log.put("a=4");

        CleaningResult result = log.clean();

        assertThat(result.cleanedTo()).isEqualTo(2);
        assertThat(log.records()).containsExactly("1:a=2", "2:a=3", "3:a=4");
    }

    @Test
    void aMapThatIsTooSmallTakesSeveralPasses() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        for (int i = 0; i < 100; i++) log.put("k" + i + "=1");
        for (int i = 0; i < 100; i++) log.put("k" + i + "=2");
        log.roll();

        int passes = 0;
        while (log.cleanedTo < 200) {
            log.cleanSealed(30 * 24);
            passes++;
        }

        assertThat(passes).isGreaterThan(5);
        assertThat(log.records()).hasSize(100).startsWith("100:k0=2").endsWith("199:k99=2");
    }

    @Test
    void smallSegmentsBecomeOne() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        for (int i = 0; i < 20; i++) {
            log.put("a=" + i, "k" + i + "=x");
            log.roll();
        }

        log.cleanSealed(1 << 20);

        List<LogSegment> segments = log.log.snapshot().segments();
        assertThat(segments).hasSize(2);
        assertThat(segments.getFirst().baseOffset()).isZero();
        assertThat(log.records()).hasSize(21);
        assertThat(log.world.disk.list(log.log.folder().path())).noneMatch(name -> name.endsWith(".swap"));
    }

    /// A consumer that stands among the first offsets would else be told that they are out of range.
    @Test
    void theLogStartsWhereItDidThoughItsFirstSegmentsHaveNoRecordsLeft() throws IOException {
        CompactedLog log = new CompactedLog(
                new TestWorld(), CompactedLog.config().segmentBytes(100).build());
        for (int i = 0; i < 5; i++) log.put("a=" + i);
        log.clean();
        assertThat(log.log.snapshot().segments().getFirst().isEmpty()).isTrue();

        log.reopen();
        assertThat(log.log.snapshot().logStartOffset()).isZero();
        assertThat(TestBatches.read(log.log, 0)).hasSize(1);

        log.log = log.world.killAndReopen();
        assertThat(log.log.snapshot().logStartOffset()).isZero();
        assertThat(log.records()).containsExactly("4:a=4");
    }

    /// Compaction leaves gaps between segments as well, but none behind the recovery point.
    @Test
    void aLogEndsWhereAPowerCutTookTheEndOfASegmentAndLeftALaterOne() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        loseTheEndOfASegment(log);

        log.log = log.world.forget().log();

        assertThat(log.records()).containsExactly("0:a=1", "1:b=2");
        assertThat(log.log.snapshot().logEndOffset()).isEqualTo(2);
    }

    /// No checkpoint tells of it yet, and so no compaction has touched it.
    @Test
    void aYoungLogOfWhichAPowerCutLeftOnlyNamesIsEmpty() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.roll();
        log.put("b=2");
        log.world.disk = log.world.memory().kill();
        for (LogSegment segment : log.log.snapshot().segments()) {
            try (DiskFile file = log.world.disk.open(segment.log().path(), Disk.Access.READ_WRITE)) {
                file.truncate(0);
            }
        }

        log.log = log.world.forget().log();

        assertThat(log.log.snapshot().logEndOffset()).isZero();
        assertThat(log.log.snapshot().segments()).hasSize(1);
    }

    /// Apache Kafka's compaction leaves gaps behind the recovery point, too.
    @Test
    void inAFolderThatKafkaLeftByACrashAGapIsCompactions() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        loseTheEndOfASegment(log);
        assertThat(log.world.disk.delete(TestWorld.DIRECTORY.resolve(".compaction_checkpointed")))
                .isTrue();

        log.log = log.world.forget().log();

        assertThat(log.records()).containsExactly("0:a=1", "1:b=2", "3:d=4");
    }

    private static void loseTheEndOfASegment(CompactedLog log) throws IOException {
        log.put("a=1");
        log.world.settle(10_000); // The checkpoint tells of it.
        log.put("b=2");
        int left = log.log.snapshot().activeSize();
        log.put("c=3");
        log.roll();
        log.put("d=4");

        log.world.disk = log.world.memory().kill();
        Path first = log.log.snapshot().segments().getFirst().log().path();
        try (DiskFile file = log.world.disk.open(first, Disk.Access.READ_WRITE)) {
            file.truncate(left);
        }
    }

    @Test
    void replacedFilesGoAfterTheirDelay() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.put("a=2");
        log.clean();
        assertThat(log.world.disk.list(log.log.folder().path())).contains("00000000000000000000.log.deleted");

        log.world.settle(LogConfig.DEFAULT.fileDeleteDelayMs());

        assertThat(log.world.disk.list(log.log.folder().path())).noneMatch(name -> name.endsWith(".deleted"));
        assertThat(log.records()).containsExactly("1:a=2");
    }

    @Test
    void aDamagedLogIsNotCleaned() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        log.put("a=1");
        log.put("a=2");
        log.roll();
        log.log.snapshot().segments().getFirst().log().write(ByteBuffer.wrap(new byte[] {77}), 40);

        assertThatThrownBy(() -> log.cleanSealed(1 << 20))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("damaged at position 0");
        assertThat(log.world.disk.list(log.log.folder().path())).noneMatch(name -> name.endsWith(".cleaned"));
    }

    @Test
    void youngRecordsWaitAndOldOnesAreOverdue() throws IOException {
        CompactedLog log = new CompactedLog(
                new TestWorld(),
                CompactedLog.config()
                        .minCompactionLagMs(100)
                        .maxCompactionLagMs(500)
                        .build());
        log.put("a=1");
        log.roll();
        log.world.settle(60);
        log.put("a=2");
        log.roll();
        log.world.settle(60);
        log.put("a=3");

        CleanableRange range = range(log);
        assertThat(range.toOffset()).isEqualTo(1);
        assertThat(range.isOverdue()).isFalse();
        assertThat(range.dirtyRatio()).isEqualTo(1.0);

        log.world.settle(400);
        assertThat(range(log).toOffset()).isEqualTo(2);
        assertThat(range(log).isOverdue()).isTrue();
        assertThat(range(log).isWorthIt(log.log.config())).isTrue();
    }

    private static CleanableRange range(CompactedLog log) throws IOException {
        return CleanableRange.of(new CleanableLog(log.log, Runnable::run), log.cleanedTo, log.world.wallMs());
    }
}
