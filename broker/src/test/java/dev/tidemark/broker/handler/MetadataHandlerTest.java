package dev.tidemark.broker.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.TestConnection;
import dev.tidemark.broker.TestPartitions;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.cluster.Departures;
import dev.tidemark.broker.dispatch.Dispatcher;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.protocol.message.MetadataRequest;
import dev.tidemark.protocol.message.MetadataRequest.MetadataRequestTopic;
import dev.tidemark.protocol.message.MetadataResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePVector;

/// What clients of broker 1 hear of a topic that brokers 2 and 3 hold, when its leader, broker 2, goes.
final class MetadataHandlerTest {
    private static final short VERSION = 12;

    private final TestPartitions world = new TestPartitions();
    private final TestConnection client = new TestConnection(world.loop);
    private final ClusterView cluster = new ClusterView(1, world.partitions);
    private final Departures departures = new Departures(cluster, world.loop);
    private final Dispatcher dispatcher = dispatcher();

    private Dispatcher dispatcher() {
        Handlers handlers = new Handlers(List.of(new MetadataHandler(cluster, new NoCreation(), departures)));
        return new Dispatcher(
                handlers,
                new ApiVersionsHandler(() -> handlers, List::of, () -> new ApiVersionsHandler.Identity("cluster", 1)),
                List.of());
    }

    private record NoCreation() implements AutoTopicCreation {
        @Override
        public boolean isEnabled() {
            return false;
        }

        @Override
        public CompletableFuture<Void> create(Set<String> topics) {
            throw new AssertionError("not enabled");
        }
    }

    private void show(int leader, int leaderEpoch, long epochOfTwo) {
        ClusterImage image = ClusterImage.EMPTY;
        for (int id = 1; id <= 3; id++) {
            long epoch = id == 2 ? epochOfTwo : 100 + id;
            image = image.with(new MetadataChange.BrokerRegistered(new BrokerRegistration(
                    id,
                    epoch,
                    List.of(new BrokerEndpoint("PLAINTEXT", "host" + id, 9092, "PLAINTEXT")),
                    null,
                    new TreeMap<>(),
                    true)));
        }
        PartitionRegistration partition = new PartitionRegistration(
                List.of(2, 3), List.of(), List.of(), List.of(2, 3), leader, leaderEpoch, leaderEpoch);
        cluster.show(image.with(new MetadataChange.TopicCreated(
                new TopicImage("t", TestPartitions.idOf("t"), TreePVector.singleton(partition), 0))));
    }

    private void ask() {
        MetadataRequest request = MetadataRequest.builder()
                .topics(List.of(MetadataRequestTopic.builder().name("t").build()))
                .build();
        dispatcher.onRequest(client.exchange(TestConnection.frame(request, VERSION)));
    }

    private int leaderTold() {
        assertThat(client.replies).hasSize(1);
        return client.lastReply(MetadataResponse.class)
                .topics()
                .getFirst()
                .partitions()
                .getFirst()
                .leaderId();
    }

    @Test
    void everyBrokerTellsOfReplicasWhoseDiskHasFailed() {
        show(2, 1, 102);
        BrokerRegistration three = cluster.image().broker(3).orElseThrow();
        var failed = new OfflineReplicas(false, new TreeMap<>(Map.of(TestPartitions.idOf("t"), List.of(0))));
        cluster.show(cluster.image().with(new MetadataChange.BrokerRegistered(three.withOffline(failed))));

        ask();

        assertThat(client.lastReply(MetadataResponse.class)
                        .topics()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .offlineReplicas())
                .containsExactly(3);
        assertThat(cluster.mayBeInSync(TestPartitions.idOf("t"), 0, 3, 103)).isFalse();
        assertThat(cluster.mayBeInSync(TestPartitions.idOf("t"), 1, 3, 103)).isTrue();
    }

    @Test
    void answersAtOnceWhileNobodyIsMissed() {
        show(2, 1, 102);

        ask();

        assertThat(leaderTold()).isEqualTo(2);
    }

    @Test
    void waitsForTheSuccessorOfADeadLeaderAndLetsOtherRequestsPass() {
        show(2, 1, 102);
        departures.onGone(2, 102);

        ask();
        world.loop.pass(50);
        assertThat(client.replies).isEmpty();
        assertThat(client.nextCalls).isEqualTo(1);

        show(3, 2, 102);
        world.loop.pass(10);
        assertThat(leaderTold()).isEqualTo(3);
    }

    @Test
    void namesNoLeaderWhenTheSuccessorDoesNotCome() {
        show(2, 1, 102);
        departures.onGone(2, 102);
        world.loop.pass(1_000);
        departures.onGone(2, 102); // Told again, which makes nothing longer.

        ask();
        world.loop.pass(400);
        assertThat(client.replies).isEmpty();

        world.loop.pass(200);
        assertThat(leaderTold()).isEqualTo(PartitionRegistration.NO_LEADER);
    }

    @Test
    void tellsWhatIsKnownWhenNothingChangesForLong() {
        show(2, 1, 102);
        departures.onGone(2, 102);
        world.loop.pass(10_000);

        ask();

        assertThat(leaderTold()).isEqualTo(2);
    }

    @Test
    void aLeaderThatTakesConnectionsIsTold() {
        show(2, 1, 102);
        departures.onGone(2, 102);
        departures.onHere(2);

        ask();

        assertThat(leaderTold()).isEqualTo(2);
    }

    @Test
    void aLeaderThatHasComeBackIsTold() {
        show(2, 1, 102);
        departures.onGone(2, 102);
        show(2, 1, 104);

        ask();

        assertThat(leaderTold()).isEqualTo(2);
    }

    @Test
    void nobodyIsWaitedForWhereNobodyIsLeftToLead() {
        show(2, 1, 102);
        departures.onGone(2, 102);
        show(PartitionRegistration.NO_LEADER, 2, 102);

        ask();

        assertThat(leaderTold()).isEqualTo(PartitionRegistration.NO_LEADER);
    }
}
