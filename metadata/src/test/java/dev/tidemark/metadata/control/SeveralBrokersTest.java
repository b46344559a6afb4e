package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.metadata.control.Fixture.Node;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.store.StoreOp;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Brokers that come, die and go, with the ensemble in memory.
class SeveralBrokersTest {
    private final Fixture fixture = new Fixture();

    private static PartitionRegistration partition(Node node, String topic, int index) {
        return node.plane()
                .image()
                .topics()
                .partition(new TopicPartition(topic, index))
                .orElseThrow();
    }

    private static List<Integer> leaders(Node node, String topic) {
        return node.plane().image().topics().topic(topic).orElseThrow().partitions().stream()
                .map(PartitionRegistration::leader)
                .toList();
    }

    @Test
    void aBrokerThatHasJoinedIsKnownToTheController() {
        for (int latencyMs = 0; latencyMs < 50; latencyMs += 7) {
            Fixture slow = new Fixture();
            Node first = slow.start(1);
            first.store().latencyMs(latencyMs);
            Node second = slow.start(2);
            while (!second.joined().isDone()) slow.loop.advance(1);

            assertThat(first.plane().image().isAlive(2)).isTrue();
        }
    }

    @Test
    void aDeadProcessIsReplacedLongBeforeItsSessionEnds() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 6, 2);
        long epoch = second.plane().brokerEpoch();
        second.store().disconnect();

        first.plane().onBrokerDead(2, epoch);
        fixture.loop.settle();

        assertThat(leaders(first, "flights")).containsOnly(1);
        assertThat(first.plane().image().isAlive(2)).isFalse();
        assertThat(fixture.stored("/brokers/ids/2")).isEmpty();
    }

    @Test
    void twoThousandLeadershipsOfADeadBrokerAreGivenAwayInFewWrites() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4_000, 2);
        long led = leaders(first, "flights").stream().filter(id -> id == 2).count();
        AtomicInteger multis = new AtomicInteger();
        fixture.ensemble.observe(op -> {
            if (op instanceof StoreOp.CheckVersion(var path, var _) && path.equals("/controller_epoch")) {
                multis.incrementAndGet();
            }
        });

        first.plane().onBrokerDead(2, second.plane().brokerEpoch());
        fixture.loop.settle();

        assertThat(led).isGreaterThanOrEqualTo(2_000);
        assertThat(leaders(first, "flights")).containsOnly(1);
        assertThat(leaders(second, "flights")).containsOnly(1);
        assertThat(multis).hasValueLessThanOrEqualTo(6);
    }

    @Test
    void aFollowerKnowsWhatLeadsAfterAReassignment() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.created(first, "flights", 1, 1);
        var id = new TopicPartition("flights", 0);
        int before = partition(first, "flights", 0).leader();
        int target = before == 3 ? 2 : 3;
        submit(
                first,
                new ControllerInput.AlterPartitionReassignments(
                        List.of(new ControllerInput.Reassignment(id, Optional.of(List.of(target)))), true));
        Node leader = List.of(first, second, third).get(before - 1);
        PartitionRegistration moving = partition(first, "flights", 0);
        List<ControllerInput.IsrMember> isr =
                List.of(new ControllerInput.IsrMember(before, -1), new ControllerInput.IsrMember(target, -1));
        var change = new ControllerInput.IsrChange(
                first.plane().image().topics().topic("flights").orElseThrow().id(),
                0,
                moving.leaderEpoch(),
                moving.partitionEpoch(),
                isr);

        submit(first, new ControllerInput.AlterPartition(before, leader.plane().brokerEpoch(), List.of(change)));

        for (Node node : List.of(first, second, third)) {
            assertThat(partition(node, "flights", 0).replicas()).containsExactly(target);
            assertThat(partition(node, "flights", 0).leader()).isEqualTo(target);
            assertThat(partition(node, "flights", 0).isr()).containsExactly(target);
            assertThat(partition(node, "flights", 0).partitionEpoch()).isEqualTo(moving.partitionEpoch() + 1);
        }
    }

    private void submit(Node controller, ControllerInput input) {
        var reply = controller.plane().submit(input);
        fixture.loop.settle();
        assertThat(reply).isCompleted();
    }

    @Test
    void aNewIncarnationIsNotTakenForTheDeadOne() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        long before = second.plane().brokerEpoch();
        fixture.ensemble.expire(second.store());
        fixture.loop.settle();

        first.plane().onBrokerDead(2, before);
        fixture.loop.settle();

        assertThat(first.plane().image().broker(2).orElseThrow().epoch())
                .isEqualTo(second.plane().brokerEpoch())
                .isGreaterThan(before);
    }

    @Test
    void aBrokerThatWasTakenForDeadComesBack() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);
        long before = second.plane().brokerEpoch();

        first.plane().onBrokerDead(2, before);
        fixture.loop.settle();

        assertThat(second.plane().brokerEpoch()).isGreaterThan(before);
        assertThat(first.plane().image().isAlive(2)).isTrue();
        assertThat(leaders(second, "flights")).containsOnly(1);
        assertThat(second.plane().image().topics())
                .isEqualTo(first.plane().image().topics());
    }

    @Test
    void aDeadControllerIsReplacedLongBeforeItsSessionEnds() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.created(first, "flights", 6, 3);
        int epoch = first.plane().image().controller().epoch();
        first.store().disconnect();

        second.plane().onControllerDead(1, epoch);
        third.plane().onControllerDead(1, epoch);
        fixture.loop.settle();

        assertThat(second.plane().isController() ^ third.plane().isController()).isTrue();
        assertThat(second.plane().image().controller().epoch()).isEqualTo(epoch + 1);
        assertThat(leaders(second, "flights")).doesNotContain(1).hasSize(6);
        assertThat(fixture.stored("/brokers/ids/1")).isEmpty();
        assertThat(second.plane().image().topics())
                .isEqualTo(third.plane().image().topics());
    }

    @Test
    void aControllerThatWasTakenForDeadFollows() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 6, 2);

        second.plane().onControllerDead(1, first.plane().image().controller().epoch());
        fixture.loop.settle();

        assertThat(second.plane().isController()).isTrue();
        assertThat(first.plane().isController()).isFalse();
        assertThat(second.plane().image().isAlive(1)).isTrue();
        fixture.created(second, "more", 2, 2);
        assertThat(first.plane().image().topics())
                .isEqualTo(second.plane().image().topics());
        assertThat(leaders(first, "flights")).containsOnly(2);
    }

    @Test
    void aControllerOfAnotherEpochIsLeftAlone() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);

        second.plane().onControllerDead(1, first.plane().image().controller().epoch() + 1);
        fixture.loop.settle();

        assertThat(first.plane().isController()).isTrue();
    }

    @Test
    void theDeathOfAControllerIsNotForgottenWhileTheStoreIsAway() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        int epoch = first.plane().image().controller().epoch();
        fixture.ensemble.loseQuorum();
        fixture.loop.settle();

        second.plane().onControllerDead(1, epoch);
        fixture.loop.settle();
        fixture.ensemble.regainQuorum();
        first.store().disconnect();
        fixture.loop.settle();

        assertThat(second.plane().isController()).isTrue();
    }

    /// Their clients give the sessions up, though the store will find them alive.
    @Test
    void brokersKeepTheEpochThatOthersKnowWhileTheStoreIsAwayForLongerThanASession() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 2, 2);
        long before = second.plane().brokerEpoch();

        fixture.ensemble.loseQuorum();
        fixture.loop.advance(2 * Fixture.SESSION_TIMEOUT_MS);

        assertThat(second.plane().brokerEpoch()).isNegative();
        assertThat(second.plane().lastBrokerEpoch()).isEqualTo(before);
        assertThat(first.plane().image().broker(2).orElseThrow().epoch()).isEqualTo(before);

        fixture.ensemble.regainQuorum();
        fixture.loop.advance(2 * Fixture.SESSION_TIMEOUT_MS);

        assertThat(second.plane().brokerEpoch())
                .isGreaterThan(before)
                .isEqualTo(second.plane().lastBrokerEpoch())
                .isEqualTo(first.plane().image().broker(2).orElseThrow().epoch());
        for (int p = 0; p < 2; p++)
            assertThat(partition(first, "flights", p).leader()).isPositive();
    }

    @Test
    void aBrokerThatDidNotStopCleanlyJoinsWhenItsPlaceIsDecidedAnew() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 2, 2);
        long session = second.store().sessionId();
        second.store().disconnect();
        first.store().latencyMs(5);

        // Back before the controller has noticed that it was away.
        Node again = fixture.node(2, id -> id == session);
        var _ = again.plane().load();
        fixture.loop.settle();
        CompletableFuture<Long> joined = again.plane().register(Fixture.unclean(2));
        fixture.loop.settle();
        assertThat(joined).isNotDone();
        fixture.loop.advance(100);

        assertThat(joined).isCompleted();
        for (int p = 0; p < 2; p++) {
            assertThat(partition(again, "flights", p).leader()).isEqualTo(1);
            assertThat(partition(again, "flights", p).isr()).containsExactly(1);
        }
        assertThat(first.plane().image().broker(2).orElseThrow().stoppedCleanly())
                .isTrue();
        assertThat(first.plane().image().brokers())
                .isEqualTo(again.plane().image().brokers());
    }

    @Test
    void aLoneBrokerThatDidNotStopCleanlyLeadsInANewEpoch() {
        Node first = fixture.start(1);
        fixture.created(first, "flights", 1);
        fixture.stop(first);

        Node again = fixture.node(1, _ -> false);
        var _ = again.plane().load();
        fixture.loop.settle();
        CompletableFuture<Long> joined = again.plane().register(Fixture.unclean(1));
        fixture.loop.settle();

        assertThat(joined).isCompleted();
        assertThat(partition(again, "flights", 0).leader()).isEqualTo(1);
        assertThat(partition(again, "flights", 0).leaderEpoch()).isEqualTo(1);
        assertThat(fixture.stored("/brokers/ids/1").orElseThrow()).doesNotContain("stopped_cleanly");
    }

    @Test
    void aStoppingBrokerWaitsUntilOthersLead() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);
        fixture.created(first, "alone", 2, 1);

        CompletableFuture<Void> handedOver = second.plane().controlledShutdown();
        fixture.loop.settle();

        assertThat(handedOver).isCompleted();
        assertThat(leaders(first, "flights")).containsOnly(1);
        assertThat(leaders(second, "flights")).containsOnly(1);
        assertThat(leaders(first, "alone")).contains(2);
        assertThat(first.plane().image())
                .satisfies(image ->
                        assertThat(image.broker(2).orElseThrow().shuttingDown()).isTrue());
    }

    @Test
    void aStoppingControllerHandsOverToo() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);

        CompletableFuture<Void> handedOver = first.plane().controlledShutdown();
        fixture.loop.settle();
        assertThat(handedOver).isCompleted();
        assertThat(leaders(second, "flights")).containsOnly(2);
        fixture.stop(first);

        assertThat(second.plane().isController()).isTrue();
        assertThat(leaders(second, "flights")).containsOnly(2);
    }

    @Test
    void aShutdownIsToldAgainToTheNextController() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.created(first, "flights", 6, 3);
        first.store().disconnect();

        CompletableFuture<Void> handedOver = second.plane().controlledShutdown();
        fixture.loop.settle();
        assertThat(handedOver).isNotDone();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS + 1);

        assertThat(handedOver).isCompleted();
        assertThat(leaders(third, "flights")).containsOnly(3);
    }
}
