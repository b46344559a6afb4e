package dev.tidemark.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.metadata.control.Fixture.Node;
import dev.tidemark.metadata.image.ControllerImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who becomes the controller where the store's leader runs beside a broker.
class DeferenceTest {
    private final Fixture fixture = new Fixture();

    private static ControllerImage controller(Node node) {
        return node.plane().image().controller();
    }

    private static List<Integer> controllers(Node... nodes) {
        return java.util.Arrays.stream(nodes)
                .filter(node -> node.plane().isController())
                .map(node -> node.plane().settings().brokerId())
                .toList();
    }

    private void die(Node node) {
        node.store().abandon();
        fixture.loop.settle();
    }

    @Test
    void anotherBrokerIsFirst() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.ensemble.leadBeside(2);
        int epoch = controller(second).epoch();
        die(first);

        second.plane().onControllerDead(1, epoch);
        fixture.loop.settle();
        third.plane().onControllerDead(1, epoch);
        fixture.loop.settle();
        fixture.loop.advance(2 * Deference.CALM_MS);

        assertThat(controllers(second, third)).containsExactly(3);
        assertThat(controller(second).epoch()).isEqualTo(epoch + 1);
    }

    @Test
    void itStandsAllTheSameWhereTheOthersDoNot() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.ensemble.leadBeside(2);
        die(first);

        second.plane().onControllerDead(1, controller(second).epoch());
        fixture.loop.settle();
        assertThat(controllers(second, third)).isEmpty();
        fixture.loop.advance(Deference.STAND_LATER_MS);

        assertThat(controllers(second, third)).containsExactly(2);
    }

    @Test
    void itStandsAtOnceWhereNobodyElseIsThere() {
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        fixture.ensemble.leadBeside(2);
        die(first);

        second.plane().onControllerDead(1, controller(second).epoch());
        fixture.loop.settle();

        assertThat(controllers(second)).containsExactly(2);
    }

    @Test
    void aLoneBrokerKeepsTheControllership() {
        fixture.ensemble.leadBeside(1);
        Node first = fixture.start(1);
        int epoch = controller(first).epoch();

        fixture.loop.advance(10 * Deference.CALM_MS);

        assertThat(controllers(first)).containsExactly(1);
        assertThat(controller(first).epoch()).isEqualTo(epoch);
    }

    @Test
    void aControllerLeavesItToAnotherOnceItIsCalm() {
        fixture.ensemble.leadBeside(1);
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        Node third = fixture.start(3);
        fixture.loop.advance(Deference.CALM_MS - 1);
        fixture.created(first, "flights", 6, 3);
        int epoch = controller(first).epoch();
        fixture.loop.advance(Deference.CALM_MS - 1);
        assertThat(controllers(first, second, third)).containsExactly(1);

        fixture.loop.advance(1);

        assertThat(controllers(first, second, third)).hasSize(1).doesNotContain(1);
        assertThat(controller(first)).isEqualTo(controller(second)).isEqualTo(controller(third));
        assertThat(controller(first).epoch()).isEqualTo(epoch + 1);
        Node now = second.plane().isController() ? second : third;
        fixture.created(now, "more", 2, 3);
        assertThat(first.plane().image().topics()).isEqualTo(now.plane().image().topics());
    }

    @Test
    void whatNobodyTakesItTakesBackAndKeepsUntilAnotherBrokerComes() {
        fixture.ensemble.leadBeside(1);
        Node first = fixture.start(1);
        Node second = fixture.start(2);
        second.store().latencyMs(10_000); // It is registered, but slow.
        int epoch = controller(first).epoch();

        fixture.loop.advance(Deference.CALM_MS + Deference.STAND_LATER_MS);
        assertThat(controllers(first)).containsExactly(1);
        fixture.loop.advance(10 * Deference.CALM_MS);
        assertThat(controller(first).epoch()).isEqualTo(epoch + 1);

        Node third = fixture.start(3);
        fixture.loop.advance(Deference.CALM_MS);

        assertThat(controllers(first, third)).containsExactly(3);
    }

    @Test
    void aLostAnswerLeavesNoClusterWithoutAController() {
        for (int lost = 1; lost < 4; lost++) {
            Fixture each = new Fixture();
            each.ensemble.leadBeside(1);
            Node first = each.start(1);
            Node second = each.start(2);
            each.loop.advance(Deference.CALM_MS - 1);
            first.store().loseReplies(lost);

            each.loop.advance(1);
            each.loop.advance(2 * Deference.STAND_LATER_MS);

            assertThat(controllers(first, second)).hasSize(1);
            assertThat(controller(first)).isEqualTo(controller(second));
        }
    }
}
