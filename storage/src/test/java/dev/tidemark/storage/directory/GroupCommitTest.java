package dev.tidemark.storage.directory;

import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private final TestWorld world = new TestWorld();

    private List<PartitionLog> logs(int count) throws IOException {
        List<PartitionLog> logs = new ArrayList<>();
        world.open();
        for (int i = 0; i < count; i++) {
            logs.add(world.directory().create(new TopicPartition("topic", i), TestWorld.TOPIC_ID, world.config));
        }
        return logs;
    }

    private static void append(PartitionLog log, int epoch, ByteBuffer... batches) {
        log.onBecomeLeader(epoch);
        for (ByteBuffer batch : batches) log.appendAsLeader(batch, epoch, AppendOrigin.CLIENT, TestBatches.NOW_MS);
    }

    private int[] countForces() {
        int[] forces = {0};
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.FORCE && path.toString().endsWith(".log")) forces[0]++;
        });
        return forces;
    }

    @Test
    void tellsEachLogHowFarItIsOnTheDisk() throws IOException {
        List<PartitionLog> logs = logs(5);
        List<CompletableFuture<Long>> forced = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            for (int n = 0; n <= i; n++) append(logs.get(i), 0, batch("value-" + n));
            forced.add(logs.get(i).force());
        }

        world.runBlocking();

        for (int i = 0; i < 5; i++) {
            assertThat(forced.get(i)).isCompletedWithValue(i + 1L);
            assertThat(logs.get(i).recoveryPoint()).isEqualTo(i + 1L);
        }
        TestWorld after = new TestWorld(world.memory().crash(new Random(7)), TestWorld.DIRECTORY);
        assertThat(read(after.log(), 0)).containsExactly("0=value-0");
    }

    @Test
    void thoseWhoAskBeforeItBeginsShareOneForce() throws IOException {
        PartitionLog log = logs(1).getFirst();
        append(log, 0, batch("a"));
        world.await(log.force());
        int[] forces = countForces();

        append(log, 0, batch("b"));
        var first = log.force();
        append(log, 0, batch("c"));
        var second = log.force();
        world.runBlocking();

        assertThat(forces[0]).isEqualTo(1);
        assertThat(first).isCompletedWithValue(3L);
        assertThat(second).isCompletedWithValue(3L);
    }

    @Test
    void whoAsksWhileOneRunsGetsTheNext() throws IOException {
        PartitionLog log = logs(1).getFirst();
        append(log, 0, batch("a"));
        List<CompletableFuture<Long>> late = new ArrayList<>();
        world.memory().hook((operation, path, bytes) -> {
            if (operation != DiskOperation.FORCE || !path.toString().endsWith(".log") || !late.isEmpty()) return;
            append(log, 0, batch("b"));
            late.add(log.force());
        });

        var first = log.force();
        world.runBlocking();

        assertThat(first).isCompletedWithValue(1L);
        assertThat(late).hasSize(1);
        assertThat(late.getFirst()).isCompletedWithValue(2L);
    }

    @Test
    void manyShareOneForceOfTheFileSystem() throws IOException {
        List<PartitionLog> logs = logs(40);
        for (PartitionLog log : logs) {
            append(log, 7, batch("a"), batch("b"));
        }
        int[] forces = {0, 0};
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.FORCE || operation == DiskOperation.FORCE_DIRECTORY) forces[0]++;
            if (operation == DiskOperation.FORCE_ALL) forces[1]++;
        });

        List<CompletableFuture<Long>> forced =
                logs.stream().map(PartitionLog::force).toList();
        world.runBlocking();

        assertThat(forced).allSatisfy(each -> assertThat(each).isCompletedWithValue(2L));
        // The second one is for the names of the leader epochs' files.
        assertThat(forces).containsExactly(0, 2);
        TestWorld after = new TestWorld(world.memory().crash(new Random(3)), TestWorld.DIRECTORY);
        after.open();
        for (int i = 0; i < 40; i++) {
            PartitionLog log =
                    after.directory().log(new TopicPartition("topic", i)).orElseThrow();
            assertThat(read(log, 0)).containsExactly("0=a", "1=b");
            assertThat(log.latestEpoch()).hasValue(7);
        }
    }

    @Test
    void aLogThatIsNamedTwiceIsFreeAgainAfterwards() throws Exception {
        List<PartitionLog> logs = logs(20);
        for (PartitionLog log : logs) append(log, 0, batch("a"));
        List<PartitionLog> named = new ArrayList<>(logs);
        named.add(logs.getFirst());

        new ForceTogether(world.disk, TestWorld.DIRECTORY).force(named);

        append(logs.getFirst(), 0, batch("b"));
        FutureTask<Boolean> another =
                new FutureTask<>(() -> logs.getFirst().forcing().force());
        Thread.ofPlatform().daemon().start(another);
        assertThat(another.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(logs.getFirst().recoveryPoint()).isEqualTo(2);
    }

    @Test
    void aForceOfTheFileSystemThatFailsMovesNothing() throws IOException {
        List<PartitionLog> logs = logs(40);
        for (PartitionLog log : logs) append(log, 0, batch("a"));
        boolean[] fails = {true};
        world.memory().hook((operation, path, bytes) -> {
            if (fails[0] && operation == DiskOperation.FORCE_ALL) throw new IOException("Input/output error");
        });

        List<CompletableFuture<Long>> forced =
                logs.stream().map(PartitionLog::force).toList();
        world.runBlocking();

        assertThat(forced).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(world.directory().isOnline()).isFalse();
        assertThat(logs).allMatch(log -> log.recoveryPoint() == 0);

        fails[0] = false;
        world.settle(20_000);

        assertThat(world.directory().isOnline()).isTrue();
        assertThat(logs).allMatch(log -> log.recoveryPoint() == 1);
        TestWorld after = new TestWorld(world.memory().crash(new Random(3)), TestWorld.DIRECTORY);
        assertThat(read(after.log(), 0)).containsExactly("0=a");
    }

    @Test
    void aPowerCutAtAnyTimeOfAWriteBackOfManyLosesNothingThatWasForced() throws IOException {
        for (int cut = 1; cut < 120; cut++) {
            TestWorld each = new TestWorld();
            each.config = LogConfig.builder()
                    .segmentBytes(300)
                    .indexIntervalBytes(100)
                    .build();
            each.open();
            List<PartitionLog> logs = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                logs.add(each.directory().create(new TopicPartition("topic", i), TestWorld.TOPIC_ID, each.config));
            }
            for (PartitionLog log : logs) append(log, 1, batch("a"), batch("b"));
            each.settle(5_000);
            for (PartitionLog log : logs) append(log, 2, batch("c"), batch("d"), batch("e"), batch("f"));
            int[] countdown = {cut};
            MemoryDisk[] left = {null};
            each.memory().hook((operation, path, bytes) -> {
                if (operation != DiskOperation.READ && --countdown[0] == 0) {
                    left[0] = each.memory().crash(new Random(bytes));
                }
            });
            each.settle(5_000);
            TestWorld after = new TestWorld(
                    left[0] != null ? left[0] : each.memory().crash(new Random(cut)), TestWorld.DIRECTORY);
            after.open();
            for (int i = 0; i < 20; i++) {
                PartitionLog log =
                        after.directory().log(new TopicPartition("topic", i)).orElseThrow();
                assertThat(read(log, 0)).as("cut at %d", cut).startsWith("0=a", "1=b");
                assertThat(log.endOffsetForEpoch(1).endOffset())
                        .as("cut at %d", cut)
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void oneThatFailsTakesTheDirectoryOfflineAndFailsAllThatWait() throws IOException {
        List<PartitionLog> logs = logs(4);
        for (PartitionLog log : logs) append(log, 0, batch("a"));
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.FORCE && path.toString().endsWith(".log")) throw new IOException("no");
        });

        List<CompletableFuture<Long>> forced =
                logs.stream().map(PartitionLog::force).toList();
        world.runBlocking();

        assertThat(forced).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(world.directory().isOnline()).isFalse();
        assertThat(world.failures).hasSize(1);
    }
}
