package dev.tidemark.storage.directory;

import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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
            for (int n = 0; n <= i; n++) append(logs.get(i), batch("value-" + n));
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
        append(log, batch("a"));
        world.await(log.force());
        int[] forces = countForces();

        append(log, batch("b"));
        var first = log.force();
        append(log, batch("c"));
        var second = log.force();
        world.runBlocking();

        assertThat(forces[0]).isEqualTo(1);
        assertThat(first).isCompletedWithValue(3L);
        assertThat(second).isCompletedWithValue(3L);
    }

    @Test
    void whoAsksWhileOneRunsGetsTheNext() throws IOException {
        PartitionLog log = logs(1).getFirst();
        append(log, batch("a"));
        List<CompletableFuture<Long>> late = new ArrayList<>();
        world.memory().hook((operation, path, bytes) -> {
            if (operation != DiskOperation.FORCE || !path.toString().endsWith(".log") || !late.isEmpty()) return;
            append(log, batch("b"));
            late.add(log.force());
        });

        var first = log.force();
        world.runBlocking();

        assertThat(first).isCompletedWithValue(1L);
        assertThat(late).hasSize(1);
        assertThat(late.getFirst()).isCompletedWithValue(2L);
    }

    @Test
    void oneThatFailsTakesTheDirectoryOfflineAndFailsAllThatWait() throws IOException {
        List<PartitionLog> logs = logs(4);
        for (PartitionLog log : logs) append(log, batch("a"));
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
