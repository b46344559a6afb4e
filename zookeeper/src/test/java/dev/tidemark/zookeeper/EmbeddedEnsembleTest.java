package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.store.MetadataStore;
import dev.tidemark.metadata.store.StoreException;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.metadata.store.StoredNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedEnsembleTest {
    @TempDir
    private Path folder;

    private Ensemble ensemble;
    private final EmbeddedEnsembleMember[] members = new EmbeddedEnsembleMember[4];
    private final List<MetadataStore> stores = new ArrayList<>();

    @BeforeEach
    void chooseAddresses() throws IOException {
        List<Integer> ports = freePorts(9);
        List<String> entries = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            int first = 3 * (id - 1);
            entries.add(
                    id + "@127.0.0.1:" + ports.get(first) + ":" + ports.get(first + 1) + ":" + ports.get(first + 2));
        }
        ensemble = Ensemble.parse(entries);
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) sockets.add(new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1")));
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) socket.close();
        }
    }

    @AfterEach
    void stopAll() throws Exception {
        for (MetadataStore store : stores) get(store.close());
        for (EmbeddedEnsembleMember member : members) if (member != null) member.close();
    }

    private EnsembleMemberSettings settings(int id) {
        return new EnsembleMemberSettings(folder.resolve("member" + id), ensemble, id, 500, 20, 6, 60_000);
    }

    private void start(int... ids) throws Exception {
        for (int id : ids) members[id] = EmbeddedEnsembleMember.start(settings(id));
        for (int id : ids) get(members[id].serving());
    }

    private void stop(int id) {
        members[id].close();
        members[id] = null;
    }

    private MetadataStore connectTo(int id) throws Exception {
        String own = ensemble.member(id).orElseThrow().clientAddress();
        MetadataStore store = get(CuratorMetadataStore.connect(
                new ZooKeeperSettings(own + "," + ensemble.connectString(), 20_000, 60_000, true), _ -> {}));
        stores.add(store);
        return store;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    /// Asks until it is answered: while the members choose a leader, they serve nobody.
    private static Optional<StoredNode> read(MetadataStore store, String path) throws Exception {
        while (true) {
            try {
                return get(store.get(path));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof StoreException)) throw e;
            }
        }
    }

    @Test
    void whatOneMemberWasToldTheOthersKnowAfterItsLoss() throws Exception {
        start(1, 2, 3);
        MetadataStore first = connectTo(1);
        get(first.write(StoreOp.create("/a", Bytes.utf8("one"))));
        MetadataStore second = connectTo(2);
        assertThat(IntStream.of(1, 2, 3).filter(id -> members[id].isLeading())).hasSize(1);

        stop(3); // The greatest id leads at first.

        assertThat(read(second, "/a").map(StoredNode::data)).contains(Bytes.utf8("one"));
        assertThat(read(first, "/a")).isPresent();
    }

    @Test
    void aMemberThatComesBackWithoutItsDataGetsACopy() throws Exception {
        start(1, 2);
        get(connectTo(1).write(StoreOp.create("/a", Bytes.utf8("one"))));

        start(3);

        assertThat(read(connectTo(3), "/a")).isPresent();
    }

    @Test
    void nobodyServesWithoutAQuorum() throws Exception {
        members[1] = EmbeddedEnsembleMember.start(settings(1));

        assertThatThrownBy(() -> CuratorMetadataStore.connect(
                                new ZooKeeperSettings(members[1].clientAddress(), 6_000, 1_000), _ -> {})
                        .get(60, TimeUnit.SECONDS))
                .hasMessageContaining("did not answer within 1000 ms")
                .hasMessageContaining("no quorum?");
        assertThat(members[1].serving()).isNotDone();
    }

    @Test
    void theDataSurvivesAStopOfAll() throws Exception {
        start(1, 2, 3);
        get(connectTo(1).write(StoreOp.create("/a", Bytes.utf8("one"))));
        for (MetadataStore store : stores) get(store.close());
        stores.clear();
        for (int id = 1; id <= 3; id++) stop(id);

        start(1, 2, 3);

        assertThat(read(connectTo(2), "/a")).isPresent();
    }

    @Test
    void aFolderBelongsToOneMember() throws Exception {
        members[1] = EmbeddedEnsembleMember.start(settings(1));
        stop(1);
        EnsembleMemberSettings other =
                new EnsembleMemberSettings(folder.resolve("member1"), ensemble, 2, 500, 20, 6, 60_000);

        assertThatThrownBy(() -> EmbeddedEnsembleMember.start(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to member 1 of the ensemble, not to member 2");
        assertThatThrownBy(() ->
                        EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder.resolve("member1"), 0, 60_000)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to member 1 of an ensemble");
    }

    @Test
    void theDataOfASingleServerIsNotOutvoted() throws Exception {
        Path data = folder.resolve("member1");
        try (EmbeddedZooKeeper single = EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(data, 0, 60_000))) {
            MetadataStore store = get(CuratorMetadataStore.connect(
                    new ZooKeeperSettings(single.connectString(), 20_000, 60_000), _ -> {}));
            get(store.write(StoreOp.create("/a", Bytes.EMPTY)));
            get(store.close());
        }

        assertThatThrownBy(() -> EmbeddedEnsembleMember.start(settings(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds the data of a single server");
    }

    @Test
    void aTakenPortIsAClearError() throws Exception {
        int port = ensemble.member(1).orElseThrow().electionPort();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatThrownBy(() -> EmbeddedEnsembleMember.start(settings(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }
}
