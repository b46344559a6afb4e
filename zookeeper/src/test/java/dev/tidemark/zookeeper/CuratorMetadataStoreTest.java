package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.SessionEvent;
import dev.tidemark.metadata.store.StoreEvent;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import dev.tidemark.metadata.store.WriteResult;
import dev.tidemark.metadata.store.WriteResult.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class CuratorMetadataStoreTest {
    @TempDir
    private Path folder;

    private EmbeddedZooKeeper server;
    private final List<MetadataStore> stores = new ArrayList<>();

    @BeforeEach
    void startServer() throws IOException {
        server = EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder, 0, 40_000));
    }

    @AfterEach
    void stopServer() throws Exception {
        for (MetadataStore store : stores) get(store.close());
        server.close();
    }

    private MetadataStore connect(String chroot) throws Exception {
        MetadataStore store = get(CuratorMetadataStore.connect(
                new ZooKeeperSettings(server.connectString() + chroot, 20_000, 60_000), _ -> {}));
        stores.add(store);
        return store;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    @Test
    void writesAreAllOrNothingAndSayWhatWasWrong() throws Exception {
        MetadataStore store = connect("");
        get(store.write(StoreOp.create("/a", Bytes.utf8("1"))));

        WriteResult refused = get(store.multi(
                List.of(StoreOp.check("/a", 0), StoreOp.create("/b", Bytes.EMPTY), StoreOp.create("/a", Bytes.EMPTY))));
        WriteResult stale = get(store.multi(List.of(StoreOp.check("/a", 7), StoreOp.create("/b", Bytes.EMPTY))));
        WriteResult orphan = get(store.write(StoreOp.create("/no/parent", Bytes.EMPTY)));
        WriteResult silly = get(store.write(StoreOp.create("/a/../b", Bytes.EMPTY)));

        assertThat(refused).isEqualTo(new WriteResult.Refused(2, "/a", Reason.NODE_EXISTS));
        assertThat(stale).isEqualTo(new WriteResult.Refused(0, "/a", Reason.BAD_VERSION));
        assertThat(orphan).isEqualTo(new WriteResult.Refused(0, "/no/parent", Reason.NO_NODE));
        assertThat(silly).isEqualTo(new WriteResult.Refused(0, "/a/../b", Reason.BAD_ARGUMENTS));
        assertThat(get(store.get("/b"))).isEmpty();
    }

    @Test
    void tellsVersionsAndSequenceNumbers() throws Exception {
        MetadataStore store = connect("/some/chroot");
        get(store.write(StoreOp.create("/a", Bytes.utf8("1"))));

        WriteResult result = get(store.multi(List.of(
                StoreOp.set("/a", Bytes.utf8("2"), 0),
                new StoreOp.Create("/a/n-", Bytes.EMPTY, StoreOp.CreateMode.PERSISTENT_SEQUENTIAL),
                StoreOp.delete("/a/n-0000000000", 0))));

        assertThat(result)
                .isEqualTo(new WriteResult.Done(List.of(
                        new WriteResult.Written("/a", 1),
                        new WriteResult.Written("/a/n-0000000000", 0),
                        new WriteResult.Written("/a/n-0000000000", -1))));
        MetadataStore root = connect("");
        assertThat(get(root.get("/some/chroot/a")).map(StoredNode::data)).contains(Bytes.utf8("2"));
    }

    @Test
    void readsManyAtOnce() throws Exception {
        MetadataStore store = connect("");
        List<StoreOp> ops = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            ops.add(StoreOp.create("/n" + i, Bytes.utf8("" + i)));
            paths.add("/n" + i);
        }
        paths.add(1_234, "/missing");
        get(store.multi(ops));

        var nodes = get(store.getAll(paths));

        assertThat(nodes).hasSize(2_501);
        assertThat(nodes.get(1_234)).isEmpty();
        assertThat(nodes.get(2_500).orElseThrow().data()).isEqualTo(Bytes.utf8("2499"));
        assertThat(get(store.children("/")).orElseThrow()).contains("n0", "n2499");
        assertThat(get(store.children("/missing"))).isEmpty();
    }

    @Test
    void aWatchHearsOfTheWholeTreeBeforeItsReply() throws Exception {
        MetadataStore store = connect("/c");
        List<StoreEvent> events = new ArrayList<>();
        get(store.write(StoreOp.create("/t", Bytes.EMPTY)));
        get(store.watchTree("/t", events::add));

        get(store.multi(List.of(
                StoreOp.create("/t/x", Bytes.EMPTY),
                StoreOp.set("/t/x", Bytes.utf8("1"), 0),
                StoreOp.create("/other", Bytes.EMPTY),
                StoreOp.delete("/t/x", 1))));
        List<StoreEvent> heard = List.copyOf(events);
        get(store.unwatchTree("/t"));
        get(store.write(StoreOp.create("/t/y", Bytes.EMPTY)));

        assertThat(heard)
                .containsExactly(
                        new StoreEvent(StoreEvent.Type.CREATED, "/t/x"),
                        new StoreEvent(StoreEvent.Type.CHANGED, "/t/x"),
                        new StoreEvent(StoreEvent.Type.DELETED, "/t/x"));
        assertThat(events).isEqualTo(heard);
    }

    @Test
    void anEndedSessionIsFollowedByAFreshOneWithItsWatches() throws Exception {
        BlockingQueue<Long> sessions = new LinkedBlockingQueue<>();
        MetadataStore store = get(CuratorMetadataStore.connect(
                new ZooKeeperSettings(server.connectString(), 20_000, 60_000), sessions::add));
        stores.add(store);
        BlockingQueue<SessionEvent> told = new LinkedBlockingQueue<>();
        BlockingQueue<StoreEvent> events = new LinkedBlockingQueue<>();
        store.onSession(told::add);
        long first = sessions.take();
        assertThat(told.take()).isEqualTo(new SessionEvent.Connected(first, true));
        get(store.write(StoreOp.createEphemeral("/mine", Bytes.EMPTY)));
        get(store.watchTree("/watched", events::add));

        server.endSession(first);

        assertThat(told.take()).isEqualTo(new SessionEvent.Disconnected());
        assertThat(told.take()).isEqualTo(new SessionEvent.Expired());
        long second = sessions.take();
        assertThat(told.take()).isEqualTo(new SessionEvent.Connected(second, true));
        assertThat(get(store.get("/mine"))).isEmpty();
        get(store.write(StoreOp.create("/watched", Bytes.EMPTY)));
        assertThat(events.take()).isEqualTo(new StoreEvent(StoreEvent.Type.CREATED, "/watched"));
    }

    @Test
    void aServerThatAnErrorStoppedComesBackForTheSameSession() throws Exception {
        MetadataStore store = connect("");
        get(store.write(StoreOp.createEphemeral("/mine", Bytes.utf8("1"))));
        BlockingQueue<SessionEvent> told = new LinkedBlockingQueue<>();
        store.onSession(told::add);
        SessionEvent before = told.take();

        server.breakDown();

        assertThat(told.take()).isEqualTo(new SessionEvent.Disconnected());
        assertThat(told.take())
                .isEqualTo(new SessionEvent.Connected(((SessionEvent.Connected) before).sessionId(), false));
        assertThat(get(store.get("/mine"))).isPresent();
        assertThat(get(store.write(StoreOp.create("/more", Bytes.EMPTY))).isDone())
                .isTrue();
    }

    @Test
    void nobodyThereIsAClearError() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        CompletableFuture<MetadataStore> connection = CuratorMetadataStore.connect(
                new ZooKeeperSettings("127.0.0.1:" + port + "/kafka", 4_000, 300), _ -> {});

        assertThatThrownBy(() -> get(connection))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + port + "/kafka (zookeeper.connect)")
                .hasMessageContaining("within 300 ms (zookeeper.connection.timeout.ms)")
                .hasMessageContaining("Connection refused");
    }
}
