package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.control.ControlPlane;
import dev.tidemark.metadata.control.ControlPlaneSettings;
import dev.tidemark.metadata.control.ProducerIdBlocks;
import dev.tidemark.metadata.controller.ConfigRules;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.controller.ControllerSettings;
import dev.tidemark.metadata.controller.TopicRequest;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.store.MetadataStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The control plane over a real ZooKeeper.
@Timeout(180)
class ControlPlaneOnZooKeeperTest {
    @TempDir
    private Path folder;

    private final Timings.ExecutorLoop loop = new Timings.ExecutorLoop();

    private record Broker(MetadataStore store, ControlPlane plane) {}

    @AfterEach
    void stopLoop() {
        loop.executor.shutdownNow();
    }

    private EmbeddedZooKeeper startServer() throws Exception {
        return EmbeddedZooKeeper.start(new EmbeddedZooKeeperSettings(folder, 0, 40_000));
    }

    private Broker startBroker(EmbeddedZooKeeper server, int id, LongPredicate ownPast) throws Exception {
        MetadataStore store = get(CuratorMetadataStore.connect(
                new ZooKeeperSettings(server.connectString() + "/kafka/one", 18_000, 60_000), _ -> {}));
        ControlPlane plane = new ControlPlane(
                new ControlPlaneSettings(
                        id,
                        Optional.empty(),
                        "iVMYaHiCTmOX4Bkk7QRTfA",
                        ownPast,
                        () -> false,
                        30_000,
                        ControllerSettings.DEFAULTS),
                ConfigRules.ANYTHING,
                store,
                loop);
        get(plane.load());
        BrokerEndpoint endpoint = new BrokerEndpoint("PLAINTEXT", "localhost", 9092, "PLAINTEXT");
        get(plane.register(new BrokerRegistration(id, -1, List.of(endpoint), null, new TreeMap<>(), true)));
        return new Broker(store, plane);
    }

    private static ControllerReply.TopicCreation create(Broker broker, String name, int partitions) throws Exception {
        TopicRequest request = TopicRequest.of(name, new Uuid(name.hashCode(), partitions), partitions, 1);
        return get(broker.plane()
                        .createTopics(new ControllerInput.CreateTopics(List.of(request), false, Origin.CLIENT, 0)))
                .topics()
                .getFirst();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    @Test
    void tenThousandPartitionsComeAndStayAndGo() throws Exception {
        try (EmbeddedZooKeeper server = startServer()) {
            Broker broker = startBroker(server, 1, server::isFromBeforeStart);
            assertThat(create(broker, "many", 10_000).outcome().isOk()).isTrue();
            assertThat(get(broker.store().get("/brokers/topics/many/partitions/9999/state"))
                            .orElseThrow()
                            .data()
                            .toUtf8())
                    .isEqualTo("{\"controller_epoch\":1,\"leader\":1,\"version\":1,\"leader_epoch\":0,\"isr\":[1]}");
            get(broker.plane().stop());
        }

        try (EmbeddedZooKeeper server = startServer()) {
            Broker broker = startBroker(server, 1, server::isFromBeforeStart);
            var topic = broker.plane().image().topics().topic("many").orElseThrow();
            assertThat(topic.partitions()).hasSize(10_000).allMatch(p -> p.leader() == 1 && p.partitionEpoch() == 0);

            CompletableFuture<Void> purged = new CompletableFuture<>();
            broker.plane().addListener((before, after, _) -> {
                boolean wasDeleting = !before.topics().deleting().isEmpty();
                if (wasDeleting && after.topics().deleting().isEmpty()) purged.complete(null);
            });
            var deletion = new ControllerInput.DeleteTopics(List.of(TopicSelector.byId(topic.id())), Origin.CLIENT);
            assertThat(get(broker.plane().deleteTopics(deletion))
                            .topics()
                            .getFirst()
                            .outcome()
                            .isOk())
                    .isTrue();
            get(purged);
            assertThat(get(broker.store().children("/brokers/topics"))).contains(List.of());
            assertThat(create(broker, "many", 1).outcome().isOk()).isTrue();
            get(broker.plane().stop());
        }
    }

    @Test
    void aKilledBrokerIsBackAtOnce() throws Exception {
        long epoch;
        Broker killed;
        try (EmbeddedZooKeeper server = startServer()) {
            killed = startBroker(server, 1, server::isFromBeforeStart);
            create(killed, "flights", 3);
            epoch = killed.plane().brokerEpoch();
            // The server goes before the broker's session is closed, as in a kill -9.
        }

        try (EmbeddedZooKeeper server = startServer()) {
            Broker broker = startBroker(server, 1, server::isFromBeforeStart);

            assertThat(broker.plane().brokerEpoch()).isGreaterThan(epoch);
            assertThat(broker.plane().isController()).isTrue();
            assertThat(broker.plane().image().controller().epoch()).isEqualTo(2);
            assertThat(create(broker, "more", 1).outcome().isOk()).isTrue();
            get(broker.plane().stop());
        }
        var _ = killed.plane().stop();
    }

    @Test
    void aSecondBrokerFollowsAndTakesOver() throws Exception {
        try (EmbeddedZooKeeper server = startServer()) {
            Broker first = startBroker(server, 1, _ -> false);
            Broker second = startBroker(server, 2, _ -> false);
            CompletableFuture<Void> tookOver = new CompletableFuture<>();
            second.plane().addListener((_, after, _) -> {
                boolean all = after.topics()
                        .topic("flights")
                        .map(t -> t.partitions().stream().allMatch(p -> p.leader() != 1))
                        .orElse(false);
                if (all && after.controller().brokerId() == 2) tookOver.complete(null);
            });
            TopicRequest request = TopicRequest.of("flights", new Uuid(1, 2), 4, 2);
            var created = get(first.plane()
                    .createTopics(new ControllerInput.CreateTopics(List.of(request), false, Origin.CLIENT, 0)));
            assertThat(created.topics().getFirst().outcome().isOk()).isTrue();

            get(first.plane().stop());

            get(tookOver);
            assertThat(second.plane().isController()).isTrue();
            assertThat(get(new ProducerIdBlocks(second.store()).next(2)).first())
                    .isZero();
            get(second.plane().stop());
        }
    }
}
