package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.control.Fixture.Node;
import dev.tidemark.metadata.controller.ConfigAlteration;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.metadata.image.OfflineReplicas;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.image.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Brokers whose log directories fail while they live, with the ensemble in memory.
class FailedDirectoriesTest {
    private final Fixture fixture = new Fixture();

    private static List<PartitionRegistration> partitions(Node node) {
        return List.copyOf(
                node.plane().image().topics().topic("flights").orElseThrow().partitions());
    }

    private static OfflineReplicas offline(Node seer, int broker) {
        return seer.plane().image().broker(broker).orElseThrow().offline();
    }

    private void tell(Node node, OfflineReplicas offline) {
        node.plane().onOfflineReplicas(offline);
        fixture.loop.settle();
    }

    private static void assertAllLedBy(int leader, Node seer) {
        assertThat(partitions(seer)).extracting(PartitionRegistration::leader).containsOnly(leader);
    }

    @Test
    void othersLeadAndEveryBrokerKnows() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.created(first, "flights", 6, 3);

        tell(second, OfflineReplicas.ALL);

        for (Node node : List.of(first, second, third)) {
            assertThat(offline(node, 2)).isEqualTo(OfflineReplicas.ALL);
            assertThat(partitions(node)).allSatisfy(partition -> {
                assertThat(partition.leader()).isIn(1, 3);
                assertThat(partition.isr()).containsExactlyInAnyOrder(1, 3);
            });
        }
    }

    @Test
    void onlyWhatLiesInTheFailedDirectoryMoves() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);
        TopicImage topic = first.plane().image().topics().topic("flights").orElseThrow();
        List<Integer> before =
                topic.partitions().stream().map(PartitionRegistration::leader).toList();
        int led = before.indexOf(2);

        tell(second, new OfflineReplicas(false, new TreeMap<>(Map.of(topic.id(), List.of(led)))));

        assertThat(partitions(first).get(led).leader()).isEqualTo(1);
        assertThat(partitions(first).get(led).isr()).containsExactly(1);
        for (int index = 0; index < 4; index++) {
            if (index != led)
                assertThat(partitions(first).get(index))
                        .isEqualTo(topic.partitions().get(index));
        }
    }

    @Test
    void theControllersOwnDirectoriesCount() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);

        tell(first, OfflineReplicas.ALL);

        assertThat(first.plane().isController()).isTrue();
        assertAllLedBy(2, second);
    }

    @Test
    void whoHealsMayComeInAgain() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 1, 2);
        tell(second, OfflineReplicas.ALL);

        tell(second, OfflineReplicas.NONE);

        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.NONE);
        assertThat(fixture.stored("/brokers/ids/2").orElseThrow()).doesNotContain("offline");
        PartitionRegistration now = partitions(first).getFirst();
        var topicId =
                first.plane().image().topics().topic("flights").orElseThrow().id();
        var members = List.of(new ControllerInput.IsrMember(1, -1), new ControllerInput.IsrMember(2, -1));
        var change = new ControllerInput.IsrChange(topicId, 0, now.leaderEpoch(), now.partitionEpoch(), members);
        var reply = first.plane()
                .submit(new ControllerInput.AlterPartition(1, first.plane().brokerEpoch(), List.of(change)));
        fixture.loop.settle();
        assertThat(reply).isCompleted();
        assertThat(partitions(second).getFirst().isr()).containsExactly(1, 2);
    }

    @Test
    void theLastOneLeadsAgainWhenItsDiskWorks() {
        Node only = fixture.start(1);
        fixture.created(only, "flights", 2);

        tell(only, OfflineReplicas.ALL);
        assertThat(partitions(only)).allSatisfy(partition -> {
            assertThat(partition.hasLeader()).isFalse();
            assertThat(partition.isr()).containsExactly(1);
        });
        tell(only, OfflineReplicas.NONE);

        assertAllLedBy(1, only);
    }

    /// An operator who gives records up does not have to wait for a broker to come or go.
    @Test
    void allowingUncleanElectionElectsAtOnce() {
        Node first = withoutLeader();
        allowUncleanElection(first, ConfigResource.topic("flights"));

        assertThat(partitions(first))
                .allSatisfy(partition -> assertThat(partition.leader()).isEqualTo(2));
    }

    @Test
    void allowingItForAllBrokersElectsAtOnceToo() {
        Node first = withoutLeader();
        allowUncleanElection(first, ConfigResource.DEFAULT_BROKER);

        assertThat(partitions(first))
                .allSatisfy(partition -> assertThat(partition.leader()).isEqualTo(2));
    }

    /// Broker 2 could lead, but only broker 1, which cannot, is in sync.
    private Node withoutLeader() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 2, 2);
        tell(second, OfflineReplicas.ALL);
        tell(first, OfflineReplicas.ALL);
        tell(second, OfflineReplicas.NONE);
        assertThat(partitions(first))
                .allSatisfy(partition -> assertThat(partition.hasLeader()).isFalse());
        return first;
    }

    private void allowUncleanElection(Node node, ConfigResource resource) {
        var on = new ConfigAlteration.Entry("unclean.leader.election.enable", ConfigAlteration.Operation.SET, "true");
        var _ = node.plane()
                .submit(new ControllerInput.AlterConfigs(
                        List.of(new ConfigAlteration(resource, false, List.of(on))), false));
        fixture.loop.settle();
    }

    @Test
    void whatIsToldLastHoldsWhileAnswersAreOnTheirWay() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 1, 2);
        second.store().latencyMs(20);

        second.plane().onOfflineReplicas(OfflineReplicas.ALL);
        fixture.loop.advance(5);
        second.plane().onOfflineReplicas(OfflineReplicas.NONE);
        fixture.loop.advance(5);
        second.plane().onOfflineReplicas(OfflineReplicas.ALL);
        fixture.loop.advance(500);
        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.ALL);
        second.plane().onOfflineReplicas(OfflineReplicas.NONE);
        fixture.loop.advance(500);

        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.NONE);
        assertThat(offline(second, 2)).isEqualTo(OfflineReplicas.NONE);
    }

    @Test
    void itHoldsOverALostSession() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);
        tell(second, OfflineReplicas.ALL);
        long before = second.plane().brokerEpoch();

        fixture.ensemble.expire(second.store());
        fixture.loop.settle();

        assertThat(second.plane().brokerEpoch()).isGreaterThan(before);
        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.ALL);
        assertAllLedBy(1, first);
    }

    @Test
    void whatIsKnownBeforeIsToldWithTheRegistration() {
        Node first = fixture.start(1);
        Node second = fixture.node(2, _ -> false);
        second.plane().onOfflineReplicas(OfflineReplicas.ALL);

        fixture.start(second);
        fixture.created(first, "flights", 2, 2);

        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.ALL);
        assertThat(partitions(first))
                .allSatisfy(partition -> assertThat(partition.isr()).containsExactly(1));
    }

    /// The registration is written, but its answer is lost; meanwhile there is something else to tell.
    @Test
    void whatAnEarlierTryWroteIsMadeTrue() {
        Node first = fixture.start(1);
        Node second = fixture.node(2, _ -> false);
        var _ = second.plane().load();
        fixture.loop.settle();
        second.store().latencyMs(20);
        second.store().loseReplies(1);
        var _ = second.plane().register(Fixture.registration(2));
        for (int i = 0; i < 1_000 && fixture.stored("/brokers/ids/2").isEmpty(); i++) fixture.loop.advance(1);
        assertThat(fixture.stored("/brokers/ids/2").orElseThrow()).doesNotContain("offline");
        assertThat(second.plane().brokerEpoch()).isNegative();

        second.plane().onOfflineReplicas(OfflineReplicas.ALL);
        fixture.loop.advance(1_000);

        assertThat(second.plane().brokerEpoch()).isNotNegative();
        assertThat(fixture.stored("/brokers/ids/2").orElseThrow()).contains("all_replicas_offline");
        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.ALL);
    }

    @Test
    void aStoppingBrokersDiskMayFail() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 2, 2);
        second.store().latencyMs(20);

        var handedOver = second.plane().controlledShutdown();
        second.plane().onOfflineReplicas(OfflineReplicas.ALL);
        fixture.loop.advance(500);

        assertThat(handedOver).isCompleted();
        assertThat(first.plane().image().broker(2).orElseThrow().shuttingDown()).isTrue();
        assertThat(offline(first, 2)).isEqualTo(OfflineReplicas.ALL);
        assertThat(first.plane()
                        .image()
                        .topics()
                        .partition(new TopicPartition("flights", 0))
                        .orElseThrow()
                        .leader())
                .isEqualTo(1);
    }
}
