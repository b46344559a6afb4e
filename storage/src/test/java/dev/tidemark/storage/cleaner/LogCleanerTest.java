package dev.tidemark.storage.cleaner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.segment.CorruptLogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogCleanerTest implements LogCleaner.Listener {
    private final List<CleaningResult> results = new ArrayList<>();
    private final List<IOException> failures = new ArrayList<>();

    @Test
    void cleansWhatIsDirtyEnoughAndRemembersHowFar() throws IOException {
        CompactedLog log = dirty();
        log.put("a=3");

        log.world.settle(CleanerConfig.DEFAULT.backoffMs());

        assertThat(log.records()).containsExactly("1:a=2", "2:a=3");
        assertThat(results).hasSize(1);
        assertThat(checkpoint(log.world).read()).isEqualTo(Map.of(TestWorld.PARTITION, 2L));

        log.reopen();
        LogCleaner restarted = cleaner(log.world, CleanerConfig.DEFAULT);
        assertThat(log.world.directory().cleaned().of(TestWorld.PARTITION)).hasValue(2L);
        restarted.add(log.log, Runnable::run);
        log.world.settle(10 * CleanerConfig.DEFAULT.backoffMs());
        assertThat(results).hasSize(1);
    }

    @Test
    void waitsUntilTheDirtyPartIsLargeEnough() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        LogCleaner cleaner = cleaner(log.world, CleanerConfig.DEFAULT);
        cleaner.add(log.log, Runnable::run);
        for (int i = 0; i < 10; i++) log.put("k" + i + "=1");
        log.roll();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        log.put("k1=2");
        log.roll();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        assertThat(results).hasSize(1);

        for (int i = 0; i < 12; i++) log.put("k" + i + "=3");
        log.roll();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        assertThat(results).hasSize(2);
    }

    @Test
    void leavesADamagedLogAloneAndSaysSo() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        LogCleaner cleaner = cleaner(log.world, CleanerConfig.DEFAULT);
        cleaner.add(log.log, Runnable::run);
        log.put("a=1");
        log.put("a=2");
        log.roll();
        log.log.snapshot().segments().getFirst().log().write(ByteBuffer.wrap(new byte[] {77}), 40);

        log.world.settle(3 * CleanerConfig.DEFAULT.backoffMs());

        assertThat(cleaner.uncleanable()).containsOnlyKeys(TestWorld.PARTITION);
        assertThat(damaged).hasSize(1);
        assertThat(failures).isEmpty();
    }

    @Test
    void aFailingDiskIsReported() throws IOException {
        CompactedLog log = dirty();
        log.world.memory().hook((_, path, _) -> {
            if (path.toString().endsWith(".cleaned")) throw new IOException("Input/output error");
        });

        log.world.settle(CleanerConfig.DEFAULT.backoffMs());

        assertThat(failures).isNotEmpty();
        assertThat(log.records()).containsExactly("0:a=1", "1:a=2");
    }

    /// The segment is the log's all the same: its active one, or one that was sealed anew.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsCutInTheMidstOfAPassDoesNotComeBack(boolean isSealedAgain) throws IOException {
        CompactedLog log = CompactedLog.fresh();
        int[] turns = {0};
        cleaner(log.world, CleanerConfig.DEFAULT).add(log.log, task -> {
            // The first turn tells of the producers, the second would put the cleaned segment in place.
            if (++turns[0] == 2) cutAndGoOn(log, isSealedAgain);
            task.run();
        });
        log.put("a=1");
        log.put("a=2");
        log.put("b=1");
        log.roll();

        log.world.settle(3 * CleanerConfig.DEFAULT.backoffMs());

        assertThat(log.records()).endsWith("1:a=2", "2:c=1").doesNotContain("2:b=1");
        assertThat(failures).isEmpty();
    }

    private static void cutAndGoOn(CompactedLog log, boolean isSealedAgain) {
        try {
            log.world.truncate(log.log, 2);
            log.put("c=1");
            if (isSealedAgain) log.roll();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// The cleaned segment has its mark already with which a restart would finish its replacement.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsCutInTheMidstOfAPassDoesNotComeBackAfterAKill(boolean isSealedAgain) throws IOException {
        CompactedLog log = CompactedLog.fresh();
        List<MemoryDisk> left = new ArrayList<>();
        int[] turns = {0};
        cleaner(log.world, CleanerConfig.DEFAULT).add(log.log, task -> {
            if (++turns[0] == 2) {
                cutAndGoOn(log, isSealedAgain);
                left.add(log.world.memory().kill());
            }
            task.run();
        });
        log.put("a=1");
        log.put("a=2");
        log.put("b=1");
        log.roll();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());

        CompactedLog after = new CompactedLog(new TestWorld(left.getFirst(), TestWorld.DIRECTORY), log.log.config());

        assertThat(after.records()).containsExactly("0:a=1", "1:a=2", "2:c=1");
    }

    @Test
    void whatCompactionLeftOutIsNoDamageForAPolicyThatCameLater() throws IOException {
        CompactedLog log = new CompactedLog(
                new TestWorld(), CompactedLog.config().segmentBytes(200).build());
        CleanerConfig often = new CleanerConfig(true, 1, 1 << 20, 0.9, 512 << 10, Double.MAX_VALUE, 10, 1 << 20);
        cleaner(log.world, often).add(log.log, Runnable::run);
        for (int i = 0; i < 20; i++) log.put("a=" + i, "b=" + i);
        log.roll();
        log.put("c=1");
        log.world.settle(often.backoffMs());
        assertThat(log.records()).containsExactly("38:a=19", "39:b=19", "40:c=1");

        log.world.config = LogConfig.builder().build();
        log.log = log.world.killAndReopen();

        assertThat(log.records()).containsExactly("38:a=19", "39:b=19", "40:c=1");
    }

    @Test
    void aLogThatIsDeletedInTheMidstOfAPassSaysNothingOfTheDisk() throws IOException {
        CompactedLog log = dirty();
        log.world.memory().hook((_, path, _) -> {
            if (!path.toString().endsWith(".cleaned")) return;
            log.world.directory().delete(log.log);
            throw new NoSuchFileException(path.toString());
        });

        log.world.settle(CleanerConfig.DEFAULT.backoffMs());

        assertThat(log.log.isDeleted()).isTrue();
        assertThat(failures).isEmpty();
        assertThat(results).isEmpty();
    }

    @Test
    void aTopicThatIsMadeAnewTakesNothingOfTheOneBefore() throws IOException {
        CompactedLog log = dirty();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        assertThat(checkpoint(log.world).read()).containsKey(TestWorld.PARTITION);
        log.world.directory().delete(log.log);

        log.log = log.world.log();

        assertThat(log.world.directory().cleaned().of(TestWorld.PARTITION)).isEmpty();
        assertThat(checkpoint(log.world).read()).isEmpty();
    }

    @Test
    void theCheckpointNamesNoDeletedTopic() throws IOException {
        CompactedLog log = dirty();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        log.world.directory().delete(log.log);

        log.world.settle(10_000);

        assertThat(checkpoint(log.world).read()).isEmpty();
    }

    @Test
    void aTopicThatWentWhileNobodyWasHereIsForgotten() throws IOException {
        CompactedLog log = dirty();
        log.world.settle(CleanerConfig.DEFAULT.backoffMs());
        log.world.disk = log.world.memory().kill();
        log.world.disk.deleteRecursively(log.log.folder().path());

        log.world.forget().open();
        log.world.settle(10_000);

        assertThat(checkpoint(log.world).read()).isEmpty();
    }

    /// Of the same name, while the earlier one was cleaned.
    @Test
    void aPassOverADeletedLogSaysNothingOfTheOneThatTookItsPlace() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        LogCleaner cleaner = cleaner(log.world, CleanerConfig.DEFAULT);
        int[] turns = {0};
        cleaner.add(log.log, task -> {
            task.run();
            if (++turns[0] == 2) makeAnew(log, cleaner);
        });
        log.put("a=1");
        log.put("a=2");
        log.roll();

        log.world.settle(CleanerConfig.DEFAULT.backoffMs());

        assertThat(turns[0]).isEqualTo(2);
        assertThat(log.world.directory().cleaned().of(TestWorld.PARTITION)).isEmpty();
    }

    private static void makeAnew(CompactedLog log, LogCleaner cleaner) {
        try {
            cleaner.remove(TestWorld.PARTITION);
            log.world.directory().delete(log.log);
            log.log = log.world.log();
            cleaner.add(log.log, Runnable::run);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Test
    void theThrottleStretchesWork() throws InterruptedException {
        TestWorld world = new TestWorld();
        List<Long> sleeps = new ArrayList<>();
        IoThrottle throttle = new IoThrottle(world, sleeps::add, 1000);

        throttle.onBytes(500);
        throttle.onBytes(500);

        assertThat(sleeps).containsExactly(500L, 1000L);
    }

    private final List<CorruptLogException> damaged = new ArrayList<>();

    /// With something to clean, and a cleaner that will.
    private CompactedLog dirty() throws IOException {
        CompactedLog log = CompactedLog.fresh();
        cleaner(log.world, CleanerConfig.DEFAULT).add(log.log, Runnable::run);
        log.put("a=1");
        log.put("a=2");
        log.roll();
        return log;
    }

    private LogCleaner cleaner(TestWorld world, CleanerConfig config) {
        LogCleaner cleaner = new LogCleaner(
                config, world, world, world.executor(), world.directory().cleaned(), PassWaits.BLOCKING, this);
        cleaner.start();
        return cleaner;
    }

    private static OffsetCheckpointFile checkpoint(TestWorld world) {
        return new OffsetCheckpointFile(world.disk, TestWorld.DIRECTORY.resolve(OffsetCheckpointFile.CLEANER));
    }

    @Override
    public void onCleaned(TopicPartition partition, CleaningResult result) {
        results.add(result);
    }

    @Override
    public void onUncleanable(TopicPartition partition, CorruptLogException cause) {
        damaged.add(cause);
    }

    @Override
    public void onDiskFailure(IOException cause) {
        failures.add(cause);
    }
}
