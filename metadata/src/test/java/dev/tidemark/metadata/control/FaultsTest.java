package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.metadata.image.PartitionRegistration;
import dev.tidemark.metadata.store.InMemoryMetadataStore;
import dev.tidemark.metadata.store.StoreOp;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the world does to a control plane, and what holds meanwhile.
class FaultsTest {
    private final Fixture fixture = new Fixture();

    private PartitionRegistration partition(Fixture.Node node, String topic, int index) {
        return node.plane()
                .image()
                .topics()
                .topic(topic)
                .orElseThrow()
                .partition(index)
                .orElseThrow();
    }

    @Test
    void aCreationWhoseReplyIsLostIsAnsweredAsDone() {
        var broker = fixture.start(1);
        broker.store().loseReplies(1);

        var topic = fixture.created(broker, "flights", 3);

        assertThat(topic.outcome().isOk()).isTrue();
        assertThat(broker.plane()
                        .image()
                        .topics()
                        .topic("flights")
                        .orElseThrow()
                        .id())
                .isEqualTo(topic.id());
        assertThat(partition(broker, "flights", 2).leader()).isEqualTo(1);
    }

    @Test
    void aDeletionWhoseReplyIsLostIsAnsweredAsDone() {
        var broker = fixture.start(1);
        fixture.created(broker, "flights", 3);
        broker.store().loseReplies(1);

        var reply = broker.plane()
                .deleteTopics(
                        new ControllerInput.DeleteTopics(List.of(TopicSelector.byName("flights")), Origin.CLIENT));
        fixture.loop.settle();

        assertThat(reply.join().topics().getFirst().outcome().isOk()).isTrue();
        assertThat(fixture.stored("/brokers/topics/flights")).isEmpty();
    }

    @Test
    void aTopicThatComesAndGoesGetsAnotherId() {
        var broker = fixture.start(1);
        var first = fixture.created(broker, "flights", 1);
        var _ = broker.plane()
                .deleteTopics(new ControllerInput.DeleteTopics(List.of(TopicSelector.byId(first.id())), Origin.CLIENT));

        var second = fixture.created(broker, "flights", 1);

        assertThat(second.outcome().isOk()).isTrue();
        assertThat(second.id()).isNotEqualTo(first.id());
    }

    @Test
    void anExpiredSessionRegistersAnewAndControlsAnew() {
        var broker = fixture.start(1);
        fixture.created(broker, "flights", 2);
        long epochBefore = broker.plane().brokerEpoch();

        fixture.ensemble.expire(broker.store());
        fixture.loop.settle();

        assertThat(broker.plane().brokerEpoch()).isGreaterThan(epochBefore);
        assertThat(broker.plane().isController()).isTrue();
        assertThat(broker.plane().image().controller().epoch()).isEqualTo(2);
        assertThat(fixture.created(broker, "more", 1).outcome().isOk()).isTrue();
        // The process lived on: the leadership of its own partitions goes on in the same epoch.
        assertThat(partition(broker, "flights", 0).leader()).isEqualTo(1);
    }

    @Test
    void aStoreThatHasLostAllIsNotFollowedUntilItIsBack() {
        var first = fixture.start(1);
        var second = fixture.start(2);
        fixture.created(first, "flights", 2, 2);
        var topics = second.plane().image().topics();

        fixture.ensemble.swap();
        fixture.loop.settle();

        assertThat(second.plane().image().topics()).isEqualTo(topics);
        assertThat(second.plane().isCurrent()).isFalse();
        assertThat(fixture.children("/")).contains(List.of());

        fixture.ensemble.swap();
        fixture.loop.settle();

        assertThat(second.plane().image().topics().byName()).containsOnlyKeys("flights");
        assertThat(second.plane().isCurrent()).isTrue();
        assertThat(first.plane().brokerEpoch()).isPositive();
        assertThat(fixture.created(first, "more", 1).outcome().isOk()).isTrue();
    }

    @Test
    void requestsWaitOutALossOfQuorum() {
        var broker = fixture.start(1);
        fixture.ensemble.loseQuorum();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS); // Sessions do not run out without a majority.

        var reply = fixture.create(broker, "flights", 1);
        fixture.loop.settle();
        assertThat(reply).isNotDone();
        fixture.ensemble.regainQuorum();
        fixture.loop.settle();

        assertThat(reply.join().topics().getFirst().outcome().isOk()).isTrue();
        assertThat(broker.plane().image().controller().epoch()).isEqualTo(1);
    }

    @Test
    void anotherBrokerTakesOverFromADeadController() {
        var first = fixture.start(1);
        var second = fixture.start(2);
        fixture.created(first, "flights", 4, 2);

        first.store().disconnect();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS + 1);

        assertThat(second.plane().isController()).isTrue();
        for (int p = 0; p < 4; p++) {
            assertThat(partition(second, "flights", p).leader()).isEqualTo(2);
            assertThat(partition(second, "flights", p).isr()).containsExactly(2);
        }
        assertThat(fixture.created(second, "more", 1).outcome().isOk()).isTrue();
    }

    @Test
    void aDeposedControllerChangesNothing() {
        var first = fixture.start(1);
        var second = fixture.start(2);
        // The first is silent so long that the second takes over; then it wakes up with its old connection's requests.
        first.store().disconnect();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS + 1);
        assertThat(second.plane().isController()).isTrue();

        var late = fixture.create(first, "late", 1);
        first.store().reconnect();
        fixture.loop.settle();

        assertThatThrownBy(late::join)
                .hasCauseInstanceOf(RefusedException.class)
                .cause()
                .extracting(failure -> ((RefusedException) failure).error())
                .isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(fixture.stored("/brokers/topics/late")).isEmpty();
        assertThat(first.plane().isController()).isFalse();
        assertThat(first.plane().image().topics())
                .isEqualTo(second.plane().image().topics());
    }

    @Test
    void aFormerControllerFollowsItsSuccessor() {
        var first = fixture.start(1);
        var second = fixture.start(2);
        first.store().disconnect();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS + 1);
        first.store().reconnect();
        fixture.loop.settle();

        fixture.created(second, "flights", 2, 2);

        assertThat(first.plane().image().topics())
                .isEqualTo(second.plane().image().topics());
        assertThat(partition(first, "flights", 1).hasLeader()).isTrue();
    }

    @Test
    void aWriteFencedByAnotherControllerEpochIsRefused() {
        var broker = fixture.start(1);
        write(StoreOp.set("/controller_epoch", Bytes.utf8("9"), StoreOp.ANY_VERSION));

        var reply = fixture.create(broker, "flights", 1);
        fixture.loop.settle();

        assertThat(reply).isCompletedExceptionally();
        assertThat(fixture.stored("/brokers/topics/flights")).isEmpty();
    }

    @Test
    void aChangeBesideTheControllerIsNoticedAndTheDecisionMadeAgain() {
        var broker = fixture.start(1);
        fixture.created(broker, "flights", 2);
        write(StoreOp.set(
                "/brokers/topics/flights/partitions/0/state",
                Bytes.utf8("{\"controller_epoch\":1,\"leader\":-1,\"version\":1,\"leader_epoch\":5,\"isr\":[1]}"),
                0));

        var reply = broker.plane()
                .electLeaders(new ControllerInput.ElectLeaders(
                        ControllerInput.ElectionType.UNCLEAN, java.util.Optional.empty()));
        fixture.loop.settle();
        fixture.ensemble.expire(broker.store());
        fixture.loop.settle();

        assertThat(reply.join().partitions()).isEmpty();
        assertThat(partition(broker, "flights", 0).leader()).isEqualTo(1);
        assertThat(partition(broker, "flights", 0).leaderEpoch()).isEqualTo(6);
    }

    @Test
    void anotherLivingBrokerWithTheSameIdIsAClearError() {
        fixture.start(7);

        var twin = fixture.start(7);
        assertThat(twin.joined()).isNotDone();
        fixture.loop.advance(2 * Fixture.SESSION_TIMEOUT_MS + 1);

        assertThatThrownBy(() -> twin.joined().join())
                .cause()
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("broker.id 7")
                .hasMessageContaining("PLAINTEXT://host7:9092");
    }

    @Test
    void theRegistrationOfOnesOwnDeadProcessIsReplacedAtOnce() {
        var before = fixture.start(1);
        long session = before.store().sessionId();
        long epoch = before.plane().brokerEpoch();
        before.store().disconnect();

        var after = fixture.start(fixture.node(1, id -> id == session));

        assertThat(after.joined()).isCompleted();
        assertThat(after.plane().brokerEpoch()).isGreaterThan(epoch);
        assertThat(after.plane().isController()).isTrue();
    }

    @Test
    void theRegistrationOfAnUnknownDeadProcessIsWaitedFor() {
        var before = fixture.start(1);
        before.store().disconnect();

        var after = fixture.start(1);
        assertThat(after.joined()).isNotDone();
        fixture.loop.advance(Fixture.SESSION_TIMEOUT_MS + 1);

        assertThat(after.joined()).isCompleted();
        assertThat(after.plane().isController()).isTrue();
    }

    @Test
    void anotherClustersFolderIsRefused() {
        fixture.start(1);
        var store = fixture.ensemble.connect(Fixture.SESSION_TIMEOUT_MS);
        var settings = new ControlPlaneSettings(
                2,
                java.util.Optional.of("anotherCluster00000000"),
                Fixture.CLUSTER_ID,
                _ -> false,
                () -> false,
                1_000,
                dev.tidemark.metadata.controller.ControllerSettings.DEFAULTS);
        var stranger =
                new ControlPlane(settings, dev.tidemark.metadata.controller.ConfigRules.ANYTHING, store, fixture.loop);

        var loaded = stranger.load();
        fixture.loop.settle();

        assertThatThrownBy(loaded::join)
                .cause()
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("anotherCluster00000000")
                .hasMessageContaining(Fixture.CLUSTER_ID);
    }

    @Test
    void nonsenseInZnodesStopsNobody() {
        var broker = fixture.start(1);
        fixture.created(broker, "good", 1);
        String id = new Uuid(3, 4).toString();
        write(StoreOp.create("/brokers/topics/not-json", Bytes.utf8("{\"version\":3,")));
        write(StoreOp.create("/brokers/topics/future", Bytes.utf8("{\"version\":99,\"partitions\":{\"0\":[1]}}")));
        write(StoreOp.create("/brokers/topics/bad name", Bytes.utf8("{}")));
        write(StoreOp.create(
                "/brokers/topics/gap",
                Bytes.utf8("{\"version\":3,\"topic_id\":\"" + id + "\",\"partitions\":{\"1\":[1]}}")));
        write(StoreOp.create("/brokers/topics/empty", Bytes.EMPTY));
        write(StoreOp.create("/brokers/ids/x", Bytes.utf8("?")));
        write(StoreOp.create("/brokers/ids/3", Bytes.utf8("[]")));
        write(StoreOp.create("/config/topics/good", Bytes.utf8("{\"version\":1,\"config\":{\"a\":{}}}")));
        write(StoreOp.create("/config/brokers/%zz", Bytes.utf8("{}")));
        write(StoreOp.create("/admin/delete_topics/nobody", Bytes.EMPTY));
        fixture.stop(broker);

        var again = fixture.start(1);

        assertThat(again.joined()).isCompleted();
        assertThat(again.plane().image().topics().byName()).containsOnlyKeys("good");
        assertThat(again.plane().image().brokers()).containsOnlyKeys(1);
        assertThat(fixture.created(again, "fresh", 1).outcome().isOk()).isTrue();
        var clash = fixture.create(again, "not-json", 1);
        fixture.loop.settle();
        assertThat(clash).isCompletedExceptionally();
        assertThat(fixture.created(again, "afterwards", 1).outcome().isOk()).isTrue();
    }

    @Test
    void aTopicLeftHalfWrittenIsFinishedByTheNextController() {
        var broker = fixture.start(1);
        fixture.stop(broker);
        String id = new Uuid(3, 4).toString();
        write(StoreOp.create(
                "/brokers/topics/half",
                Bytes.utf8(
                        "{\"version\":3,\"topic_id\":\"" + id + "\",\"partitions\":{\"0\":[1],\"1\":[1],\"2\":[1]}}")));
        write(StoreOp.create("/brokers/topics/half/partitions", Bytes.EMPTY));
        write(StoreOp.create("/brokers/topics/half/partitions/1", Bytes.EMPTY));

        var again = fixture.start(1);

        for (int p = 0; p < 3; p++) {
            assertThat(partition(again, "half", p).leader()).isEqualTo(1);
            assertThat(fixture.stored("/brokers/topics/half/partitions/" + p + "/state"))
                    .isPresent();
        }
    }

    @Test
    void aDeletionLeftHalfDoneIsFinishedByTheNextController() {
        var broker = fixture.start(1);
        fixture.created(broker, "half", 3);
        fixture.stop(broker);
        write(StoreOp.create("/admin/delete_topics/half", Bytes.EMPTY));
        write(StoreOp.delete("/brokers/topics/half/partitions/1/state", StoreOp.ANY_VERSION));

        var again = fixture.start(1);
        fixture.loop.settle();

        assertThat(again.plane().image().topics().byName()).isEmpty();
        assertThat(fixture.children("/brokers/topics")).contains(List.of());
        assertThat(fixture.children("/admin/delete_topics")).contains(List.of());
    }

    @Test
    void aMarkFromOutsideDeletesATopic() {
        var broker = fixture.start(1);
        fixture.created(broker, "flights", 3);

        write(StoreOp.create("/admin/delete_topics/flights", Bytes.EMPTY));

        assertThat(broker.plane().image().topics().byName()).isEmpty();
        assertThat(broker.plane().image().topics().deleting()).isEmpty();
        assertThat(fixture.children("/brokers/topics")).contains(List.of());
    }

    @Test
    void aConfigFromOutsideIsNoticed() {
        var broker = fixture.start(1);
        fixture.created(broker, "flights", 1);

        write(StoreOp.create(
                "/config/topics/flights", Bytes.utf8("{\"version\":1,\"config\":{\"retention.ms\":\"1000\"}}")));

        assertThat(broker.plane().image().configs().topic("flights")).containsEntry("retention.ms", "1000");
    }

    @Test
    void producerIdBlocksAreNeverGivenTwice() {
        var broker = fixture.start(1);
        var first = new ProducerIdBlocks(broker.store());
        var second = new ProducerIdBlocks(fixture.ensemble.connect(Fixture.SESSION_TIMEOUT_MS));
        fixture.loop.settle();

        var a = first.next(1);
        var b = second.next(2);
        fixture.loop.settle();

        assertThat(List.of(a.join().first(), b.join().first())).containsExactlyInAnyOrder(0L, 1_000L);
        assertThat(fixture.stored("/latest_producer_id_block").orElseThrow())
                .contains("\"block_start\":\"1000\",\"block_end\":\"1999\"");
    }

    /// What somebody else does.
    private void write(StoreOp op) {
        InMemoryMetadataStore other = fixture.ensemble.connect(Fixture.SESSION_TIMEOUT_MS);
        var written = other.write(op);
        fixture.loop.settle();
        assertThat(written.join().isDone()).isTrue();
        var _ = other.close();
        fixture.loop.settle();
    }
}
