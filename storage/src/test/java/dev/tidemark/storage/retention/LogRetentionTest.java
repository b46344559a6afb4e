package dev.tidemark.storage.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogRetentionTest {
    private static final long CHECK_MS = 1_000;
    private final TestWorld world = new TestWorld();
    private final List<IOException> failures = new ArrayList<>();

    @Test
    void segmentsGoWhenTheirYoungestRecordIsTooOld() throws IOException {
        PartitionLog log = log(LogConfig.builder().retentionMs(10_000));
        appendSegment(log, "a");
        world.settle(5_000);
        appendSegment(log, "b");

        world.settle(5_000);
        assertThat(TestBatches.read(log, 0)).containsExactly("0=a", "1=b");
        world.settle(1);
        assertThat(TestBatches.read(log, log.snapshot().logStartOffset())).containsExactly("1=b");
        world.settle(5_000);
        assertThat(log.snapshot().logStartOffset()).isEqualTo(2);
        assertThat(log.snapshot().logEndOffset()).isEqualTo(2);
        assertThat(failures).isEmpty();
    }

    @Test
    void theActiveSegmentGoesToo() throws IOException {
        PartitionLog log = log(LogConfig.builder().retentionMs(10_000));
        append(log, "a");

        world.settle(10_000 + CHECK_MS);

        assertThat(log.snapshot().logStartOffset()).isEqualTo(1);
        append(log, "b");
        assertThat(TestBatches.read(log, 1)).containsExactly("1=b");
    }

    @Test
    void theOldestGoWhenTheLogIsTooLarge() throws IOException {
        PartitionLog log = log(LogConfig.builder().retentionMs(-1).retentionBytes(250));
        for (int i = 0; i < 6; i++) appendSegment(log, "value");
        long segmentBytes = log.snapshot().segments().getFirst().sizeInBytes();
        assertThat(segmentBytes).isLessThan(125);

        world.settle(CHECK_MS);

        assertThat(log.snapshot().sizeInBytes()).isBetween(250L, 250 + segmentBytes - 1);
    }

    @Test
    void nothingAboveTheHighWatermarkGoes() throws IOException {
        PartitionLog log = log(LogConfig.builder().retentionMs(10));
        appendSegment(log, "a");
        TestBatches.append(log, TestBatches.batchAt(world.wallMs(), "b"));
        log.roll(world.wallMs());

        world.settle(5 * CHECK_MS);
        assertThat(log.snapshot().logStartOffset()).isEqualTo(1);

        log.onHighWatermark(2);
        world.settle(CHECK_MS);
        assertThat(log.snapshot().logStartOffset()).isEqualTo(2);
    }

    @Test
    void deletedRecordsTakeTheirSegmentsWithThem() throws IOException {
        LogRetention retention = retention();
        PartitionLog log = log(LogConfig.builder().retentionMs(-1).delete(false).compact(true), retention);
        appendSegment(log, "a");
        appendSegment(log, "b");
        world.settle(CHECK_MS);
        log.deleteRecordsTo(1);
        retention.onChange(TestWorld.PARTITION);

        world.settle(1);

        assertThat(log.snapshot().segments().getFirst().baseOffset()).isEqualTo(1);
    }

    @Test
    void aTimeToComeKeepsTheRecordAndACompactedLogKeepsAll() throws IOException {
        PartitionLog log = log(LogConfig.builder().retentionMs(10_000));
        TestBatches.append(log, TestBatches.batchAt(world.wallMs() + 60_000, "future"));
        log.roll(world.wallMs());
        log.onHighWatermark(1);

        world.settle(65_000);
        assertThat(log.snapshot().logStartOffset()).isZero();
        world.settle(6_000);
        assertThat(log.snapshot().logStartOffset()).isEqualTo(1);
    }

    @Test
    void aNewConfigurationCountsAtOnce() throws IOException {
        LogRetention retention = retention();
        PartitionLog log = log(LogConfig.builder().retentionMs(1_000_000), retention);
        appendSegment(log, "a");
        world.settle(20_000);

        log.onConfigChange(LogConfig.builder().retentionMs(10_000).build());
        retention.onChange(TestWorld.PARTITION);
        world.settle(1);

        assertThat(log.snapshot().logStartOffset()).isEqualTo(1);
    }

    @Test
    void aLogThatIsDeletedWhileItIsLookedAtSaysNothingOfTheDisk() throws IOException {
        PartitionLog written = log(LogConfig.builder().retentionMs(10_000));
        appendSegment(written, "a");
        append(written, "b");
        PartitionLog log = world.reopen();
        log.onHighWatermark(2);
        retention().add(log, Runnable::run);
        world.memory().hook((_, path, _) -> {
            if (!path.toString().endsWith(".timeindex")) return;
            world.directory().delete(log);
            throw new NoSuchFileException(path.toString());
        });

        world.settle(CHECK_MS);

        assertThat(log.isDeleted()).isTrue();
        assertThat(failures).isEmpty();
    }

    private PartitionLog log(LogConfig.Builder config) throws IOException {
        return log(config, retention());
    }

    private PartitionLog log(LogConfig.Builder config, LogRetention retention) throws IOException {
        world.config = config.build();
        PartitionLog log = world.log();
        retention.add(log, Runnable::run);
        return log;
    }

    private LogRetention retention() {
        LogRetention retention = new LogRetention(world, world, world.executor(), CHECK_MS, 0, failures::add);
        retention.start();
        return retention;
    }

    private void appendSegment(PartitionLog log, String value) throws IOException {
        append(log, value);
        log.roll(world.wallMs());
    }

    private void append(PartitionLog log, String value) {
        TestBatches.append(log, TestBatches.batchAt(world.wallMs(), value));
        log.onHighWatermark(log.snapshot().logEndOffset());
    }
}
