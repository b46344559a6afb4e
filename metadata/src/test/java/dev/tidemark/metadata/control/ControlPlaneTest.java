package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerInput.Origin;
import dev.tidemark.metadata.controller.ControllerInput.TopicSelector;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ControlPlaneTest {
    private final Fixture fixture = new Fixture();

    @Test
    void oneBrokerJoinsAndControls() {
        var broker = fixture.start(1);

        assertThat(broker.joined()).isCompleted();
        assertThat(broker.plane().isController()).isTrue();
        assertThat(broker.plane().image().controller().epoch()).isEqualTo(1);
        assertThat(broker.plane().image().broker(1).orElseThrow().epoch())
                .isEqualTo(broker.plane().brokerEpoch());
        assertThat(fixture.stored("/cluster/id")).contains("{\"version\":\"1\",\"id\":\"" + Fixture.CLUSTER_ID + "\"}");
        assertThat(fixture.stored("/controller_epoch")).contains("1");
    }

    @Test
    void foldersInUseBeginNoNewClusterInAnEmptyStore() {
        var broker = fixture.node(1, _ -> false, Optional.of("AAAAAAAAAAAAAAAAAAAAAA"));

        var loaded = broker.plane().load();
        fixture.loop.settle();

        assertThatThrownBy(loaded::join)
                .hasMessageContainingAll("AAAAAAAAAAAAAAAAAAAAAA", "no cluster")
                .cause()
                .extracting("error")
                .isEqualTo(ErrorCode.INCONSISTENT_CLUSTER_ID);
        assertThat(fixture.children("/")).contains(List.of());
    }

    @Test
    void foldersOfAnotherClusterAreNamedWithBothIds() {
        fixture.start(1);
        var broker = fixture.node(2, _ -> false, Optional.of("AAAAAAAAAAAAAAAAAAAAAA"));

        var loaded = broker.plane().load();
        fixture.loop.settle();

        assertThatThrownBy(loaded::join).hasMessageContainingAll("AAAAAAAAAAAAAAAAAAAAAA", Fixture.CLUSTER_ID);
        assertThat(fixture.children("/brokers/ids")).contains(List.of("1"));
    }

    @Test
    void aTopicIsWrittenAndKnownWhenTheReplyComes() {
        var broker = fixture.start(1);

        var reply = fixture.created(broker, "flights", 3);

        assertThat(reply.outcome().isOk()).isTrue();
        assertThat(broker.plane()
                        .image()
                        .topics()
                        .topic("flights")
                        .orElseThrow()
                        .partitionCount())
                .isEqualTo(3);
        assertThat(fixture.stored("/brokers/topics/flights/partitions/2/state"))
                .contains("{\"controller_epoch\":1,\"leader\":1,\"version\":1,\"leader_epoch\":0,\"isr\":[1]}");
    }

    @Test
    void anotherBrokerFollowsTheImage() {
        var first = fixture.start(1);
        var second = fixture.start(2);

        fixture.created(first, "flights", 6, 2);

        assertThat(second.plane().isController()).isFalse();
        assertThat(second.plane().image().topics())
                .isEqualTo(first.plane().image().topics());
        assertThat(second.plane().image().brokers())
                .isEqualTo(first.plane().image().brokers());
    }

    @Test
    void aRestartedBrokerFindsEverything() {
        var before = fixture.start(1);
        fixture.created(before, "flights", 3);
        fixture.stop(before);

        var after = fixture.start(1);

        assertThat(after.joined()).isCompleted();
        assertThat(after.plane().image().topics())
                .isEqualTo(before.plane().image().topics());
        assertThat(after.plane().image().controller().epoch()).isEqualTo(2);
    }

    @Test
    void aLargeTopicIsMarkedThenPurged() {
        var broker = fixture.start(1);
        fixture.created(broker, "large", 5_000);

        var reply = broker.plane()
                .deleteTopics(new ControllerInput.DeleteTopics(List.of(TopicSelector.byName("large")), Origin.CLIENT));
        fixture.loop.settle();

        assertThat(reply.join().topics().getFirst().outcome().error()).isEqualTo(ErrorCode.NONE);
        assertThat(broker.plane().image().topics().byName()).isEmpty();
        assertThat(broker.plane().image().topics().deleting()).isEmpty();
        assertThat(fixture.children("/brokers/topics")).contains(List.of());
        assertThat(fixture.children("/admin/delete_topics")).contains(List.of());
    }
}
