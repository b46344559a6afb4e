package dev.tidemark.storage.cleaner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.LogConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Whatever is written, committed and aborted, however often the log is cleaned and with how little memory: who reads
/// it from the beginning gets the same table as one who saw every record.
class CompactionPropertyTest {
    private static final int KEYS = 12;

    @Property(tries = 100)
    void aReaderOfACleanedLogSeesWhatWasWritten(@ForAll long seed) throws IOException {
        new Run(seed).go(60);
    }

    @Property(tries = 120)
    void aPowerCutWhileCleaningLosesNothing(@ForAll long seed) throws IOException {
        Run run = new Run(seed);
        run.go(40);
        run.crashWhileCleaning();
        run.go(20);
    }

    @Property(tries = 200)
    void whatATruncationCutWhileCleaningStaysAway(@ForAll long seed) throws IOException {
        new Overtaken(new Random(seed)).go();
    }

    /// A pass that the truncation of its log overtakes, when the next it does is to put a segment in place; and at one
    /// of the disk's operations from there on the power goes, or the process is killed.
    private static final class Overtaken {
        private static final int WRITTEN = 30;
        final Random random;
        final CompactedLog log;
        final int cutAt;
        int turns;
        boolean isSettled;

        Overtaken(Random random) throws IOException {
            this.random = random;
            this.cutAt = 1 + random.nextInt(WRITTEN - 1);
            log = new CompactedLog(
                    new TestWorld(), CompactedLog.config().segmentBytes(300).build());
        }

        void go() throws IOException {
            for (int i = 0; i < WRITTEN; i++) log.put("k" + i % 3 + "=old");
            log.roll();
            log.world.await(log.log.force());
            log.world.memory().forceDirectory(TestWorld.DIRECTORY.getRoot());
            MemoryDisk disk = log.world.memory();
            try {
                log.cleanSealed(1 << 16, this::inTurn);
            } catch (IOException | UncheckedIOException cut) {
                assertThat(cut).hasStackTraceContaining("the power is going");
            }
            MemoryDisk left = random.nextBoolean() ? disk.kill() : disk.crash(random);
            check(new CompactedLog(new TestWorld(left, TestWorld.DIRECTORY), log.log.config()));
        }

        private void inTurn(Runnable task) {
            if (++turns == 2) truncateAndGoOn();
            task.run();
        }

        private void truncateAndGoOn() {
            int[] operationsLeft = {random.nextInt(40)};
            log.world.memory().hook((_, _, _) -> {
                if (operationsLeft[0]-- <= 0) throw new IOException("the power is going");
            });
            try {
                log.log.truncateTo(cutAt);
                CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
                while (!log.log.isTruncationSettled() && !settled.isCompletedExceptionally()) {
                    settled = log.log.settleTruncation();
                    log.world.runBlocking();
                }
                isSettled = log.log.isTruncationSettled();
                if (!isSettled) return;
                operationsLeft[0] = Integer.MAX_VALUE;
                log.put("k=new", "k=new");
            } catch (IOException cut) {
                throw new UncheckedIOException(cut);
            }
        }

        private void check(CompactedLog after) throws IOException {
            List<String> records = after.records();
            assertThat(records).isNotEmpty();
            if (isSettled) assertThat(records).startsWith("0:k0=old").noneMatch(this::isCut);
        }

        private boolean isCut(String record) {
            return record.endsWith("=old") && Integer.parseInt(record.substring(0, record.indexOf(':'))) >= cutAt;
        }
    }

    /// Records that were written together.
    private static final class Written {
        final String[] records;
        boolean isCommitted;

        Written(String[] records, boolean isCommitted) {
            this.records = records;
            this.isCommitted = isCommitted;
        }
    }

    private static final class Run {
        final Random random;
        final LogConfig config;
        CompactedLog log;
        final List<Written> everything = new ArrayList<>();
        final Map<Long, List<Written>> open = new TreeMap<>();
        int value;

        Run(long seed) throws IOException {
            random = new Random(seed);
            config = CompactedLog.config()
                    .segmentBytes(500 + random.nextInt(4000))
                    .build();
            log = new CompactedLog(new TestWorld(), config);
        }

        void go(int steps) throws IOException {
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> put();
                    case 3, 4, 5 -> putInTransaction(random.nextInt(3));
                    case 6 -> end(random.nextInt(3));
                    case 7 -> log.roll();
                    case 8 -> log.world.settle(random.nextInt((int) CompactedLog.DELETE_RETENTION_MS * 2));
                    case 9 -> reopenSometimes();
                    default -> clean();
                }
            }
            check();
        }

        private String[] someRecords() {
            String[] records = new String[1 + random.nextInt(4)];
            for (int i = 0; i < records.length; i++) {
                String key = "k" + random.nextInt(KEYS);
                records[i] = random.nextInt(4) == 0 ? key : key + "=" + value++;
            }
            return records;
        }

        private void put() {
            String[] records = someRecords();
            if (random.nextBoolean()) log.put(records);
            else log.putFrom(10 + random.nextInt(3), records);
            everything.add(new Written(records, true));
        }

        private void putInTransaction(long producer) {
            Written written = new Written(someRecords(), false);
            log.putInTransaction(producer, written.records);
            everything.add(written);
            open.computeIfAbsent(producer, _ -> new ArrayList<>()).add(written);
        }

        private void end(long producer) {
            List<Written> records = open.remove(producer);
            if (records == null) return;
            boolean commit = random.nextBoolean();
            log.end(producer, commit);
            for (Written written : records) written.isCommitted = commit;
        }

        private void reopenSometimes() throws IOException {
            if (random.nextInt(3) == 0) log.reopen();
        }

        private void clean() throws IOException {
            if (random.nextBoolean()) log.roll();
            log.cleanSealed(random.nextBoolean() ? 1 << 16 : 24 * (16 + random.nextInt(10)));
            if (random.nextBoolean()) check();
        }

        void check() throws IOException {
            for (long producer : List.copyOf(open.keySet())) end(producer);
            Map<String, String> expected = new HashMap<>();
            for (Written written : everything) {
                if (written.isCommitted) apply(written.records, expected);
            }
            assertThat(log.committedTable()).containsExactlyInAnyOrderEntriesOf(expected);
            long next = 0;
            for (BatchHeader batch : log.batches()) {
                assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(next);
                next = batch.nextOffset();
            }
        }

        private static void apply(String[] records, Map<String, String> table) {
            for (String record : records) {
                int equals = record.indexOf('=');
                String key = equals < 0 ? record : record.substring(0, equals);
                CompactedLog.set(table, key, equals < 0 ? null : record.substring(equals + 1));
            }
        }

        /// At one of the disk's operations the power goes.
        void crashWhileCleaning() throws IOException {
            check();
            log.roll();
            log.world.await(log.log.force());
            log.world.memory().forceDirectory(TestWorld.DIRECTORY.getRoot());
            int[] operationsLeft = {random.nextInt(60)};
            MemoryDisk disk = log.world.memory();
            disk.hook((_, _, _) -> {
                if (operationsLeft[0]-- <= 0) throw new IOException("the power is going");
            });
            try {
                log.cleanSealed(1 << 16);
            } catch (IOException cut) {
                assertThat(cut).hasMessageContaining("the power is going");
            }
            TestWorld after = new TestWorld(disk.crash(random), TestWorld.DIRECTORY);
            Map<Long, Integer> sequences = log.sequences;
            log = new CompactedLog(after, config);
            log.sequences.putAll(sequences);
            log.log.onHighWatermark(log.log.snapshot().logEndOffset());
            check();
        }
    }
}
