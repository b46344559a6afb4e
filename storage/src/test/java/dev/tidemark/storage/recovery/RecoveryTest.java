package dev.tidemark.storage.recovery;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.fromProducer;
import static dev.tidemark.storage.TestBatches.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.epoch.EpochEntry;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final Path FOLDER = TestWorld.DIRECTORY.resolve("topic-0");

    private final TestWorld world = new TestWorld();

    private static Path segment(long offset, String suffix) {
        return FOLDER.resolve(String.format("%020d%s", offset, suffix));
    }

    @Test
    void keepsAllWholeBatchesAfterACutAtAnyByte() throws IOException {
        PartitionLog log = world.log();
        int[] ends = new int[6];
        for (int i = 0; i < 5; i++) {
            append(log, fromProducer(7, 0, i, "value-" + i));
            ends[i + 1] = log.snapshot().activeSize();
        }
        byte[] whole = world.disk.readAll(segment(0, ".log"));

        for (int cut = 0; cut <= whole.length; cut++) {
            TestWorld after = new TestWorld();
            after.open();
            write(after, segment(0, ".log"), Arrays.copyOf(whole, cut));
            PartitionLog recovered = after.killAndReopen();

            int batches = 0;
            while (batches < 5 && ends[batches + 1] <= cut) batches++;
            assertThat(recovered.snapshot().logEndOffset()).isEqualTo(batches);
            assertThat(recovered.snapshot().sizeInBytes()).isEqualTo(ends[batches]);
            assertThat(read(recovered, 0)).hasSize(batches);
            // The next one of the producer fits just there.
            assertThat(append(recovered, fromProducer(7, 0, batches, "next")))
                    .isInstanceOf(AppendResult.Appended.class);
            assertThat(read(recovered, batches)).containsExactly(batches + "=next");
        }
    }

    @Test
    void aLogWhoseRecordsAreAllGoneGoesOnBehindThemAfterAPowerCut() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            TestWorld before = new TestWorld();
            PartitionLog log = before.log();
            for (int i = 0; i < 3; i++) append(log, batch("old-" + i));
            before.await(log.force());
            log.onHighWatermark(3);
            log.deleteSegmentsBelow(3, before.wallMs());
            before.runBlocking();

            TestWorld after = new TestWorld(before.memory().crash(new Random(seed)), TestWorld.DIRECTORY);

            assertThat(after.log().snapshot().logEndOffset())
                    .as("seed %s", seed)
                    .isEqualTo(3);
        }
    }

    /// Records that were cut, and others in their place: a power cut leaves a beginning of the one or the other.
    @Test
    void whatWasTruncatedDoesNotComeBackAmongWhatFollowed() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            TestWorld before = new TestWorld();
            PartitionLog log = before.log();
            for (int i = 0; i < 8; i++) append(log, batch("old-" + i + "x".repeat(2_500)));
            before.settle(10_000);
            assertThat(log.recoveryPoint()).isEqualTo(8);
            before.truncate(log, 2);
            log.onBecomeLeader(3);
            for (int i = 2; i < 9; i++) {
                ByteBuffer batch = batch("new-" + i + "y".repeat(2_500));
                log.appendAsLeader(batch, 3, AppendOrigin.CLIENT, NOW_MS);
            }

            TestWorld after = new TestWorld(before.memory().crash(new Random(seed)), TestWorld.DIRECTORY);
            PartitionLog recovered = after.log();

            List<String> values = read(recovered, 0).stream()
                    .map(value -> value.substring(0, value.indexOf('=') + 6))
                    .toList();
            List<String> all = List.of(
                    "0=old-0", "1=old-1", "2=new-2", "3=new-3", "4=new-4", "5=new-5", "6=new-6", "7=new-7", "8=new-8");
            assertThat(values).as("seed %d", seed).isEqualTo(all.subList(0, values.size()));
            assertThat(values).hasSizeGreaterThanOrEqualTo(2);
            if (values.size() > 2) assertThat(recovered.epochs().entries()).contains(new EpochEntry(3, 2));
        }
    }

    @Test
    void cutsAtTheFirstDamagedByte() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 5; i++) append(log, batch("value-" + i));
        byte[] whole = world.disk.readAll(segment(0, ".log"));
        int size = whole.length / 5;

        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            TestWorld after = new TestWorld();
            after.open();
            write(after, segment(0, ".log"), damaged);

            PartitionLog recovered = after.killAndReopen();

            // The leader epoch is not under the checksum, and the base offset only as far as it falls.
            boolean unseen = (at % size >= 12 && at % size < 16) || at % size < 8;
            if (!unseen) assertThat(recovered.snapshot().logEndOffset()).isEqualTo(at / size);
        }
    }

    @Test
    void endsAtASegmentWhoseBytesWentWhileLaterOnesStayed() throws IOException {
        world.config = LogConfig.builder().segmentBytes(300).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 20; i++) append(log, batch("value-" + i));
        assertThat(log.snapshot().segments()).hasSizeGreaterThan(2);
        write(world, segment(0, ".log"), new byte[0]);

        PartitionLog recovered = world.killAndReopen();

        assertThat(recovered.snapshot().logStartOffset()).isZero();
        assertThat(recovered.snapshot().logEndOffset()).isZero();
        append(recovered, batch("next"));
        assertThat(read(recovered, 0)).containsExactly("0=next");
    }

    @Test
    void rebuildsIndexesThatAreMissingOrDamaged() throws IOException {
        world.config = LogConfig.builder().segmentBytes(100_000).build();
        PartitionLog log = world.log();
        String value = "x".repeat(500);
        for (int i = 0; i < 500; i++) append(log, batch(value + i));
        world.reopen();
        byte[] index = world.disk.readAll(segment(0, ".index"));
        assertThat(index.length).isGreaterThan(100);

        for (byte[] damaged : List.of(new byte[7], new byte[index.length + 800], new byte[0])) {
            world.await(world.directory().close(true));
            if (damaged.length == 0) world.disk.delete(segment(0, ".index"));
            else write(world, segment(0, ".index"), damaged);
            world.open();

            for (int i = 0; i < 500; i += 7) {
                assertThat(read(world.log(), i).getFirst()).isEqualTo(i + "=" + value + i);
            }
            if (damaged.length == 0)
                assertThat(world.disk.readAll(segment(0, ".index"))).isEqualTo(index);
        }
    }

    /// A snapshot tells of each producer's last batch only, and several may be under way when the broker dies.
    @Test
    void whatAProducerWroteBeforeItsSnapshotIsNotTakenForAGap() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 4; i++) append(log, fromProducer(7, 0, i, "value-" + i));
        log.roll(NOW_MS);
        world.runBlocking();

        PartitionLog recovered = world.killAndReopen();

        assertThat(errorOf(append(recovered, fromProducer(7, 0, 1, "value-1"))))
                .isEqualTo(ErrorCode.DUPLICATE_SEQUENCE_NUMBER);
        assertThat(append(recovered, fromProducer(7, 0, 3, "value-3"))).isInstanceOf(AppendResult.Duplicate.class);
        assertThat(append(recovered, fromProducer(7, 0, 4, "value-4"))).isInstanceOf(AppendResult.Appended.class);
        assertThat(errorOf(append(recovered, fromProducer(7, 0, 6, "value-6"))))
                .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(read(recovered, 0)).hasSize(5);
    }

    private static ErrorCode errorOf(AppendResult result) {
        return ((AppendResult.Rejected) result).error();
    }

    @Test
    void readsOnlyWhatLiesBehindTheRecoveryPoint() throws IOException {
        world.config =
                LogConfig.builder().segmentBytes(20_000).indexIntervalBytes(500).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 500; i++) append(log, batch("value-" + i));
        world.settle(10_000);
        assertThat(log.recoveryPoint()).isEqualTo(500);
        for (int i = 500; i < 510; i++) append(log, batch("value-" + i));
        MemoryDisk killed = world.memory().kill();
        long[] bytesRead = new long[1];
        killed.hook((operation, path, bytes) -> {
            if (operation == DiskOperation.READ && path.toString().endsWith(".log")) {
                bytesRead[0] += Math.min(bytes, 20_000);
            }
        });
        TestWorld after = new TestWorld(killed, TestWorld.DIRECTORY);
        after.config = world.config;
        PartitionLog recovered = after.log();

        assertThat(recovered.snapshot().logEndOffset()).isEqualTo(510);
        assertThat(bytesRead[0]).isLessThan(60_000);
        assertThat(log.snapshot().sizeInBytes()).isEqualTo(recovered.snapshot().sizeInBytes());
        assertThat(read(recovered, 0)).hasSize(510);
    }

    @Test
    void losesNothingForcedInAPowerCut() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            TestWorld before = new TestWorld();
            before.config = LogConfig.builder()
                    .segmentBytes(3000)
                    .indexIntervalBytes(200)
                    .build();
            PartitionLog log = before.log();
            Random random = new Random(seed);
            int forced = random.nextInt(60);
            for (int i = 0; i < forced; i++) append(log, fromProducer(9, 0, i, "value-" + i));
            before.await(log.force());
            if (random.nextBoolean()) before.settle(10_000);
            int all = forced + random.nextInt(60);
            for (int i = forced; i < all; i++) append(log, fromProducer(9, 0, i, "value-" + i));
            if (random.nextInt(4) == 0) before.runBlocking();

            TestWorld after = new TestWorld(before.memory().crash(random), TestWorld.DIRECTORY);
            after.config = before.config;
            PartitionLog recovered = after.log();

            long end = recovered.snapshot().logEndOffset();
            assertThat(end).as("seed %d", seed).isBetween((long) forced, (long) all);
            int start = (int) recovered.snapshot().logStartOffset();
            if (forced > 0) assertThat(start).isZero();
            List<String> values = read(recovered, start);
            assertThat(values).as("seed %d", seed).hasSize((int) end - start);
            for (int i = start; i < end; i++) assertThat(values.get(i - start)).isEqualTo(i + "=value-" + i);
            assertThat(append(recovered, fromProducer(9, 0, (int) end, "next")))
                    .as("seed %d", seed)
                    .isInstanceOf(AppendResult.Appended.class);
        }
    }

    /// The unforced rest of a sealed segment was lost only by the second end.
    @Test
    void losesNothingForcedThroughManyKillsAndPowerCuts() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            TestWorld life = new TestWorld();
            int forced = 0;
            for (int lives = 0; lives < 6; lives++) {
                life.config = LogConfig.builder()
                        .segmentBytes(1500)
                        .indexIntervalBytes(200)
                        .build();
                PartitionLog log = life.log();
                int end = (int) log.snapshot().logEndOffset();
                assertThat(end).as("seed %d, life %d", seed, lives).isGreaterThanOrEqualTo(forced);
                List<String> values = read(log, 0);
                assertThat(values).as("seed %d, life %d", seed, lives).hasSize(end);
                for (int i = 0; i < random.nextInt(40); i++) append(log, batch("value-" + i));
                if (random.nextInt(3) == 0) {
                    life.await(log.force());
                    forced = (int) log.snapshot().logEndOffset();
                }
                if (random.nextInt(3) == 0) {
                    life.settle(10_000);
                    forced = (int) log.snapshot().logEndOffset();
                }
                boolean isKill = random.nextBoolean();
                MemoryDisk left = isKill ? life.memory().kill() : life.memory().crash(random);
                life = new TestWorld(left, TestWorld.DIRECTORY);
            }
        }
    }

    @Test
    void finishesAReplacementThatWasAnnounced() throws IOException {
        world.config = LogConfig.builder().segmentBytes(300).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 10; i++) append(log, batch("value-" + i));
        byte[] first = world.disk.readAll(segment(0, ".log"));
        world.await(world.directory().close(true));
        write(world, segment(0, ".log.swap"), first);
        write(world, segment(0, ".index.swap"), new byte[0]);
        write(world, segment(4, ".log.cleaned"), new byte[10]);
        write(world, segment(2, ".log.deleted"), new byte[10]);

        world.open();

        assertThat(world.disk.list(FOLDER)).noneMatch(name -> name.matches(".*\\.(swap|cleaned|deleted)"));
        assertThat(read(world.log(), 0)).hasSize(10);
    }

    @Test
    void forcesNoFolderForWhatWasOnItsWayOut() throws IOException {
        append(world.log(), batch("value"));
        write(world, segment(0, ".log.deleted"), new byte[10]);
        write(world, segment(0, ".log.cleaned"), new byte[10]);
        write(world, FOLDER.resolve("leader-epoch-checkpoint.tmp"), new byte[10]);
        TestWorld after = new TestWorld(world.memory().kill(), TestWorld.DIRECTORY);
        after.memory().hook((operation, path, _) -> {
            boolean isForce = operation == DiskOperation.FORCE || operation == DiskOperation.FORCE_DIRECTORY;
            assertThat(isForce && path.startsWith(FOLDER))
                    .as("%s %s", operation, path)
                    .isFalse();
        });

        PartitionLog log = after.log();

        assertThat(after.disk.list(FOLDER)).noneMatch(name -> name.matches(".*\\.(cleaned|deleted|tmp)"));
        assertThat(read(log, 0)).containsExactly("0=value");
    }

    @Test
    void takesTheEpochsFromTheBatchesWhereTheCheckpointIsDamaged() throws IOException {
        PartitionLog log = world.log();
        for (int epoch = 0; epoch < 3; epoch++) {
            log.onBecomeLeader(epoch * 2);
            for (int i = 0; i < 3; i++) {
                log.appendAsLeader(batch("value"), epoch * 2, AppendOrigin.CLIENT, NOW_MS);
            }
        }
        var epochs = log.epochs();
        world.reopen();
        assertThat(world.log().epochs()).isEqualTo(epochs);
        world.await(world.directory().close(true));
        write(world, FOLDER.resolve("leader-epoch-checkpoint"), "0\n7\n1 2\n".getBytes(StandardCharsets.UTF_8));

        world.open();

        assertThat(world.log().epochs()).isEqualTo(epochs);
        assertThat(epochs.entries()).hasSize(3);
    }

    private static void write(TestWorld world, Path file, byte[] content) throws IOException {
        world.disk.createDirectories(file.getParent());
        try (DiskFile target = world.disk.open(file, Access.READ_WRITE)) {
            target.truncate(0);
            target.write(ByteBuffer.wrap(content), 0);
        }
    }
}
