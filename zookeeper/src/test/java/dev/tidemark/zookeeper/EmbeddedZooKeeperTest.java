package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedZooKeeperTest {
    @TempDir
    private Path folder;

    private EmbeddedZooKeeper start(int port) throws IOException {
        return EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder, port, 40_000));
    }

    private static MetadataStore connect(EmbeddedZooKeeper server) throws Exception {
        return CuratorMetadataStore.connect(new ZooKeeperSettings(server.connectString(), 18_000, 60_000), _ -> {})
                .get(60, TimeUnit.SECONDS);
    }

    private static <T> T get(java.util.concurrent.CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    @Test
    void keepsItsDataThroughARestart() throws Exception {
        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            get(store.multi(List.of(
                    StoreOp.create("/a", Bytes.utf8("one")), StoreOp.createEphemeral("/gone", Bytes.utf8("two")))));
            get(store.close());
        }

        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            assertThat(get(store.get("/a")).map(StoredNode::data)).contains(Bytes.utf8("one"));
            assertThat(get(store.get("/gone"))).isEmpty();
            get(store.close());
        }
    }

    @Test
    void knowsTheSessionsOfBefore() throws Exception {
        long owner;
        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            get(store.write(StoreOp.createEphemeral("/mine", Bytes.EMPTY)));
            owner = get(store.get("/mine")).orElseThrow().stat().ephemeralOwner();
            assertThat(server.isFromBeforeStart(owner)).isFalse();
            // The process dies: its session is not closed.
        }

        try (EmbeddedZooKeeper server = start(0)) {
            assertThat(server.isFromBeforeStart(owner)).isTrue();
        }
    }

    @Test
    void aTornTransactionAtTheEndIsCut() throws Exception {
        writeSome("/a", "/b");
        Path log = TransactionLogRepair.newestLog(folder.resolve("version-2")).orElseThrow();
        long end = endOfRecords(log);
        overwrite(
                log,
                end,
                ByteBuffer.allocate(20).putLong(0, 12345).putInt(8, 400).put(12, (byte) 7));

        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            assertThat(get(store.get("/a"))).isPresent();
            assertThat(get(store.get("/b"))).isPresent();
            get(store.close());
        }
    }

    @Test
    void damageBeforeSoundTransactionsIsReported() throws Exception {
        writeSome("/a", "/b", "/c");
        Path log = TransactionLogRepair.newestLog(folder.resolve("version-2")).orElseThrow();
        overwrite(log, 16 + 12 + 5, ByteBuffer.wrap(new byte[] {99, 99}));

        assertThatThrownBy(() -> start(0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged at byte 16")
                .hasMessageContaining(String.valueOf(log));
    }

    @Test
    void anEmptyFirstSnapshotAndAnEmptyNewLogDoNotStopIt() throws Exception {
        writeSome("/a");
        try (Stream<Path> files = Files.list(folder.resolve("version-2"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (String.valueOf(file.getFileName()).startsWith("snapshot.")) Files.write(file, new byte[0]);
            }
        }
        Files.write(folder.resolve("version-2/log.ff"), new byte[0]);

        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            assertThat(get(store.get("/a"))).isPresent();
            get(store.close());
        }
    }

    @Test
    void aTakenPortIsAClearError() throws Exception {
        try (EmbeddedZooKeeper server = start(0)) {
            int port = server.port();
            Path other = folder.resolve("other");

            assertThatThrownBy(() -> EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(other, port, 40_000)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void onlyAFewSnapshotsStay() throws Exception {
        Bytes large = Bytes.wrap(new byte[700_000]);
        for (int i = 0; i < 5; i++) {
            write(large, "/run" + i + "a", "/run" + i + "b", "/run" + i + "c"); // Enough for a snapshot at the end.
        }

        assertThat(files("snapshot.")).isEqualTo(3);
        assertThat(files("log.")).isLessThan(5);
        assertAllThere("/run0a", "/run2b", "/run4c");
    }

    @Test
    void manyStartsLeaveFewLogs() throws Exception {
        for (int i = 0; i < 12; i++) writeSome("/run" + i);

        assertThat(files("log.")).isLessThanOrEqualTo(10);
        assertAllThere("/run0", "/run5", "/run11");
    }

    private long files(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("version-2"))) {
            return files.filter(f -> String.valueOf(f.getFileName()).startsWith(prefix))
                    .count();
        }
    }

    private void assertAllThere(String... paths) throws Exception {
        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            for (String path : paths) assertThat(get(store.get(path))).as(path).isPresent();
            get(store.close());
        }
    }

    private void writeSome(String... paths) throws Exception {
        write(Bytes.utf8("data"), paths);
    }

    private void write(Bytes data, String... paths) throws Exception {
        try (EmbeddedZooKeeper server = start(0)) {
            MetadataStore store = connect(server);
            for (String path : paths) {
                Optional<StoredNode> known = get(store.get(path));
                if (known.isEmpty()) get(store.write(StoreOp.create(path, data)));
            }
            get(store.close());
        }
    }

    /// Where the zeros that are allocated ahead begin.
    private static long endOfRecords(Path log) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log));
        int position = 16;
        while (bytes.remaining() > position + 12 && bytes.getInt(position + 8) > 0) {
            position += 13 + bytes.getInt(position + 8);
        }
        return position;
    }

    private static void overwrite(Path file, long position, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(bytes.duplicate(), position);
        }
    }
}
