package dev.tidemark.storage.dump;

import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.fromProducer;
import static dev.tidemark.storage.TestBatches.marker;
import static dev.tidemark.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogDumpTest {
    private static final Path FOLDER = TestWorld.DIRECTORY.resolve("topic-0");
    private static final String LOG = "00000000000000000000.log";

    private final TestWorld world = new TestWorld();
    private final List<DumpRow> rows = new ArrayList<>();

    @Test
    void showsAllThatASoundFolderHolds() throws IOException {
        write();

        assertThat(dump(FOLDER)).isZero();

        assertThat(rows.stream().map(DumpRow::kind).distinct())
                .contains("file", "metadata", "batch", "record", "index", "timeindex", "aborted", "producer", "epoch");
        assertThat(of("record"))
                .anyMatch(
                        row -> row.toText()
                                .equals(
                                        "| record  offset: 0  timestamp: 1700000000000  keySize: 3  valueSize: 1  key: key  value: a"));
        assertThat(of("record")).anyMatch(row -> row.value("control").equals("ABORT"));
        assertThat(of("producer")).anyMatch(row -> row.value("producerId").equals("7"));
    }

    @Test
    void aRowIsALineOfJson() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("say \"hi\"\n"));

        dump(FOLDER.resolve(LOG));

        assertThat(of("record").getFirst().toJson())
                .isEqualTo("{\"kind\":\"record\",\"offset\":0,\"timestamp\":1700000000000,\"keySize\":3,"
                        + "\"valueSize\":9,\"key\":\"key\",\"value\":\"say \\\"hi\\\"\\u000a\"}");
        assertThat(of("batch").getFirst().toJson())
                .startsWith("{\"kind\":\"batch\",\"baseOffset\":0,\"lastOffset\":0,");
    }

    @Test
    void saysWhereALogIsDamaged() throws IOException {
        write();
        overwrite(LOG, 70);

        assertThat(dump(FOLDER.resolve(LOG))).isEqualTo(1);
        assertThat(of("problem").getFirst().value("text")).isEqualTo("position 0: the checksum is wrong");
    }

    @Test
    void saysWhereATailIsTorn() throws IOException {
        write();
        try (DiskFile file = world.disk.open(FOLDER.resolve(LOG), Access.READ_WRITE)) {
            file.truncate(file.sizeBytes() - 5);
        }
        assertThat(dump(FOLDER.resolve(LOG))).isEqualTo(1);
        assertThat(of("problem").getFirst().value("text")).contains("the file ends inside of a batch");
    }

    @Test
    void saysWhichIndexDoesNotFit() throws IOException {
        write();
        for (String name : List.of("00000000000000000000.index", "00000000000000000000.timeindex")) {
            rows.clear();
            overwrite(name, 3);
            assertThat(dump(FOLDER.resolve(name))).as(name).isPositive();
        }
    }

    @Test
    void saysThatASnapshotIsDamaged() throws IOException {
        write();
        String name = world.disk.list(FOLDER).stream()
                .filter(file -> file.endsWith(".snapshot"))
                .findFirst()
                .orElseThrow();
        overwrite(name, 12);

        assertThat(dump(FOLDER.resolve(name))).isEqualTo(1);
    }

    private void write() throws IOException {
        world.config =
                LogConfig.builder().indexIntervalBytes(100).segmentBytes(2000).build();
        PartitionLog log = world.log();
        log.onBecomeLeader(3);
        for (int i = 0; i < 20; i++) append(log, batch("a", "b"));
        append(log, fromProducer(7, 0, 0, "c"));
        append(log, transactional(8, 0, 0, "d"));
        log.appendAsLeader(marker(8, 0, false, 1), 3, AppendOrigin.COORDINATOR, TestBatches.NOW_MS);
        for (int i = 0; i < 20; i++) append(log, batch("e"));
        log.onHighWatermark(log.snapshot().logEndOffset());
        world.reopen();
    }

    private void overwrite(String name, int position) throws IOException {
        try (DiskFile file = world.disk.open(FOLDER.resolve(name), Access.READ_WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {99}), position);
        }
    }

    private long dump(Path path) throws IOException {
        return new LogDump(world.disk, LogDump.Options.DEFAULT, rows::add).dump(path);
    }

    private List<DumpRow> of(String kind) {
        return rows.stream().filter(row -> row.kind().equals(kind)).toList();
    }
}
