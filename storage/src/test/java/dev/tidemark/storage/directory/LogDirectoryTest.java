package dev.tidemark.storage.directory;

import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.fromProducer;
import static dev.tidemark.storage.TestBatches.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.DiskOperation;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.disk.MemoryDisk;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.checkpoint.OffsetCheckpointFile;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoryTest {
    private final TestWorld world = new TestWorld();

    private String content(String name) throws IOException {
        return new String(world.disk.readAll(TestWorld.DIRECTORY.resolve(name)), StandardCharsets.UTF_8);
    }

    @Test
    void writesKafkasFilesOnACleanStop() throws IOException {
        PartitionLog log = world.log();
        log.onBecomeLeader(3);
        for (int i = 0; i < 3; i++) append(log, fromProducer(5, 0, i, "value"));
        log.onHighWatermark(3);
        log.deleteRecordsTo(1);

        world.await(world.directory().close(true));

        assertThat(world.disk.list(TestWorld.DIRECTORY))
                .containsExactly(
                        ".kafka_cleanshutdown",
                        ".lock",
                        "log-start-offset-checkpoint",
                        "meta.properties",
                        "recovery-point-offset-checkpoint",
                        "replication-offset-checkpoint",
                        "topic-0");
        assertThat(world.disk.list(TestWorld.DIRECTORY.resolve("topic-0")))
                .containsExactly(
                        "00000000000000000000.index",
                        "00000000000000000000.log",
                        "00000000000000000000.timeindex",
                        "00000000000000000003.snapshot",
                        "leader-epoch-checkpoint",
                        "partition.metadata");
        assertThat(content("recovery-point-offset-checkpoint")).isEqualTo("0\n1\ntopic 0 3\n");
        assertThat(content("replication-offset-checkpoint")).isEqualTo("0\n1\ntopic 0 3\n");
        assertThat(content("log-start-offset-checkpoint")).isEqualTo("0\n1\ntopic 0 1\n");
        assertThat(content("topic-0/leader-epoch-checkpoint")).startsWith("0\n");
        assertThat(content("topic-0/partition.metadata"))
                .isEqualTo("version: 0\ntopic_id: " + TestWorld.TOPIC_ID + "\n");
        assertThat(content("meta.properties"))
                .isEqualTo("version=1\ncluster.id=cluster\nnode.id=1\ndirectory.id=" + new Uuid(3, 4) + "\n");
    }

    @Test
    void anEmptyPartitionIsAFolderAndItsMetadata() throws IOException {
        world.log();

        assertThat(world.disk.list(TestWorld.DIRECTORY.resolve("topic-0"))).containsExactly("partition.metadata");
        assertThat(world.directory().openFileCount()).isZero();
        assertThat(world.reopen().topicId()).isEqualTo(TestWorld.TOPIC_ID);
    }

    @Test
    void aLogThatCannotBeOpenedIsKeptAndToldOf() throws IOException {
        append(world.log(), batch("a"));
        world.await(world.directory().close(false));
        boolean[] fails = {true};
        world.memory().hook((operation, path, bytes) -> {
            boolean isRead = operation == DiskOperation.READ || operation == DiskOperation.OPEN;
            if (fails[0] && isRead && path.toString().contains("topic-0")) throw new IOException("Input/output error");
        });

        LogDirectory directory = world.open();

        assertThat(directory.log(TestWorld.PARTITION)).isEmpty();
        assertThat(directory.isUnopened(TestWorld.PARTITION)).isTrue();
        assertThatThrownBy(() -> directory.create(TestWorld.PARTITION, TestWorld.TOPIC_ID, world.config))
                .hasMessageContaining("could not be opened");
        assertThat(directory.isOnline()).isTrue();

        fails[0] = false;
        directory.deleteUnopened(TestWorld.PARTITION);
        assertThat(read(world.log(), 0)).isEmpty();
    }

    @Test
    void whatIsKnownOfALogThatCannotBeOpenedStaysKnown() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 3; i++) append(log, batch("value-" + i));
        log.onHighWatermark(3);
        log.deleteRecordsTo(1);
        world.await(world.directory().close(true));
        world.memory().hook((operation, path, bytes) -> {
            boolean isRead = operation == DiskOperation.READ || operation == DiskOperation.OPEN;
            if (isRead && path.toString().contains("topic-0")) throw new IOException("Input/output error");
        });
        assertThat(world.open().isUnopened(TestWorld.PARTITION)).isTrue();

        world.memory().hook((operation, path, bytes) -> {});
        PartitionLog again = world.reopen();

        assertThat(again.highWatermark()).isEqualTo(3);
        assertThat(again.snapshot().logStartOffset()).isEqualTo(1);
        assertThat(read(again, 1)).containsExactly("1=value-1", "2=value-2");
    }

    @Test
    void aCleanStopWaitsUntilAllLogsAreLoaded() throws IOException {
        append(world.log(), batch("a"));
        world.log().onHighWatermark(1);
        world.await(world.directory().close(true));
        LogDirectory directory = LogDirectory.open(
                LogDirectory.Options.of(TestWorld.DIRECTORY),
                new LogDirectory.Identity("cluster", 1, new Uuid(3, 4)),
                world.disk,
                world,
                world.executor(),
                world);
        var _ = directory.load(_ -> world.config);

        world.await(directory.close(true));

        assertThat(world.open().wasCleanlyStopped()).isTrue();
        assertThat(world.log().highWatermark()).isEqualTo(1);
    }

    @Test
    void aCheckpointIsWrittenAgainAfterAWriteThatFailedLate() throws IOException {
        world.open();
        Path path = TestWorld.DIRECTORY.resolve("checkpoint");
        OffsetCheckpointFile file = new OffsetCheckpointFile(world.disk, path);
        file.write(Map.of(TestWorld.PARTITION, 1L));
        world.memory().hook((operation, where, bytes) -> {
            if (operation == DiskOperation.FORCE_DIRECTORY) throw new IOException("Input/output error");
        });
        assertThatThrownBy(() -> file.write(Map.of(TestWorld.PARTITION, 5L))).hasMessage("Input/output error");
        world.memory().hook((operation, where, bytes) -> {});

        file.write(Map.of(TestWorld.PARTITION, 1L));

        assertThat(new OffsetCheckpointFile(world.disk, path).read()).containsEntry(TestWorld.PARTITION, 1L);
    }

    @Test
    void aFolderThatAFailedCreationLeftIsTaken() throws IOException {
        LogDirectory directory = world.open();
        world.memory().hook((operation, path, bytes) -> {
            if (operation == DiskOperation.WRITE && path.endsWith("partition.metadata")) throw new IOException("full");
        });
        assertThatThrownBy(() -> directory.create(TestWorld.PARTITION, TestWorld.TOPIC_ID, world.config))
                .hasMessage("full");
        world.memory().hook((operation, path, bytes) -> {});
        world.settle(6_000);

        append(directory.create(TestWorld.PARTITION, TestWorld.TOPIC_ID, world.config), batch("a"));

        assertThat(read(world.reopen(), 0)).containsExactly("0=a");
    }

    @Test
    void aFolderWithSegmentsIsNotTakenForANewPartitions() throws IOException {
        LogDirectory directory = world.open();
        world.disk.createDirectories(TestWorld.DIRECTORY.resolve("topic-0"));
        world.disk
                .open(TestWorld.DIRECTORY.resolve("topic-0/00000000000000000000.log"), Disk.Access.READ_WRITE)
                .close();

        assertThatThrownBy(() -> directory.create(TestWorld.PARTITION, TestWorld.TOPIC_ID, world.config))
                .hasMessageContaining("is there already");
    }

    @Test
    void deletingALogWhileItIsWrittenBackHarmsNobody() throws IOException {
        world.config =
                LogConfig.builder().segmentBytes(300).fileDeleteDelayMs(1000).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 20; i++) append(log, fromProducer(5, 0, i, "value"));
        log.deleteSegmentsBelow(10, world.wallMs());

        world.directory().delete(log);
        PartitionLog again = world.directory().create(TestWorld.PARTITION, new Uuid(9, 9), world.config);
        append(again, batch("new"));
        world.settle(20_000);

        assertThat(world.directory().isOnline()).isTrue();
        assertThat(append(log, batch("late"))).isInstanceOf(AppendResult.Rejected.class);
        assertThat(world.disk.list(TestWorld.DIRECTORY)).noneMatch(name -> name.endsWith("-delete"));
        assertThat(read(world.reopen(), 0)).containsExactly("0=new");
        assertThat(world.log().topicId()).isEqualTo(new Uuid(9, 9));
    }

    @Test
    void aTopicThatIsMadeAnewIsNotTakenForTheOneBeforeAfterAKill() throws IOException {
        PartitionLog before = world.log();
        for (int i = 0; i < 3; i++) append(before, batch("old"));
        before.onHighWatermark(3);
        before.deleteRecordsTo(2);
        PartitionLog reopened = world.reopen();
        world.directory().delete(reopened);
        PartitionLog anew = world.directory().create(TestWorld.PARTITION, new Uuid(9, 9), world.config);
        for (int i = 0; i < 3; i++) append(anew, batch("new"));

        PartitionLog found = world.killAndReopen();

        assertThat(found.highWatermark()).isZero();
        assertThat(read(found, 0)).containsExactly("0=new", "1=new", "2=new");
    }

    /// Whose offsets would stand in no checkpoint that is written before all are loaded.
    @Test
    void aKillWhileLogsAreLoadedForgetsNothingOfTheOthers() throws IOException {
        world.open();
        for (int i = 0; i < 3; i++) {
            PartitionLog log = world.directory().create(new TopicPartition("t", i), TestWorld.TOPIC_ID, world.config);
            for (int k = 0; k < 3; k++) append(log, batch("value"));
            log.onHighWatermark(3);
            log.deleteRecordsTo(2);
        }
        world.settle(10_000);
        for (PartitionLog log : world.directory().logs()) append(log, batch("not forced"));
        TestWorld second = new TestWorld(world.memory().kill(), TestWorld.DIRECTORY);
        List<MemoryDisk> left = new ArrayList<>();
        second.memory().hook((operation, path, bytes) -> {
            if (operation != DiskOperation.LIST || !path.endsWith("t-2") || !left.isEmpty()) return;
            left.add(second.memory());
            second.settle(10_000);
            left.set(0, second.memory().kill());
        });
        second.open();

        TestWorld third = new TestWorld(left.getFirst(), TestWorld.DIRECTORY);
        third.open();

        assertThat(third.directory().logs()).hasSize(3).allSatisfy(log -> {
            assertThat(log.snapshot().logStartOffset()).isEqualTo(2);
            assertThat(log.highWatermark()).isEqualTo(3);
        });
    }

    @Test
    void finishesDeletionsOfAnEarlierLife() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("a"));
        world.directory().delete(log);

        world.disk = world.memory().kill();
        world.open();
        world.runBlocking();

        assertThat(world.directory().logs()).isEmpty();
        assertThat(world.disk.list(TestWorld.DIRECTORY)).noneMatch(name -> name.endsWith("-delete"));
    }

    @Test
    void leavesWhatIsNotOursAlone() throws IOException {
        for (String name :
                new String[] {"__cluster_metadata-0", "t-0.abc-future", "t-1.abc-stray", "lost+found", "t"}) {
            world.disk.createDirectories(TestWorld.DIRECTORY.resolve(name));
        }

        world.open();
        world.settle(10_000);

        assertThat(world.directory().logs()).isEmpty();
        assertThat(world.disk.list(TestWorld.DIRECTORY))
                .contains("__cluster_metadata-0", "t-0.abc-future", "t-1.abc-stray", "lost+found", "t");
    }

    @Test
    void refusesAFolderOfAnotherCluster() throws IOException {
        world.log();
        world.await(world.directory().close(true));

        assertThatThrownBy(() -> LogDirectory.open(
                        LogDirectory.Options.of(TestWorld.DIRECTORY),
                        new LogDirectory.Identity("other", 1, new Uuid(3, 4)),
                        world.disk,
                        world,
                        world.executor(),
                        world))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cluster.id=cluster")
                .hasMessageContaining("other");
    }

    @Test
    void refusesAFolderThatIsInUse(@TempDir Path folder) throws IOException {
        TestWorld one = new TestWorld(new FileDisk(), folder);
        TestWorld two = new TestWorld(new FileDisk(), folder);
        one.open();

        assertThatThrownBy(two::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
        one.await(one.directory().close(true));
        two.open();
    }

    @Test
    void keepsFewFilesOpen() throws IOException {
        world.open();
        for (int i = 0; i < 300; i++) {
            PartitionLog log = world.directory().create(new TopicPartition("t", i), TestWorld.TOPIC_ID, world.config);
            append(log, batch("value"));
        }
        world.settle(10_000);

        assertThat(world.directory().openFileCount()).isLessThanOrEqualTo(101);
        for (PartitionLog log : world.directory().logs())
            assertThat(read(log, 0)).containsExactly("0=value");
    }

    @Test
    void manyLogsThatBeginAtOnceAreForcedOnlyByTheRound() throws IOException {
        List<DiskOperation> forces = forcesOfManyLogs(1);

        assertThat(forces).doesNotContain(DiskOperation.FORCE_ALL);
        world.settle(world.writeBackMs);
        assertThat(forces).contains(DiskOperation.FORCE_ALL);
    }

    @Test
    void manyLogsWithANewSegmentAreForcedWithinSeconds() throws IOException {
        world.config = LogConfig.builder().segmentBytes(300).build();

        assertThat(forcesOfManyLogs(20)).contains(DiskOperation.FORCE_ALL);
    }

    private List<DiskOperation> forcesOfManyLogs(int records) throws IOException {
        world.writeBackMs = 60_000;
        world.open();
        List<DiskOperation> forces = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            PartitionLog log = world.directory().create(new TopicPartition("t", i), TestWorld.TOPIC_ID, world.config);
            for (int k = 0; k < records; k++) append(log, batch("value"));
        }
        world.memory().hook((operation, path, bytes) -> forces.add(operation));
        world.settle(10_000);
        return forces;
    }
}
