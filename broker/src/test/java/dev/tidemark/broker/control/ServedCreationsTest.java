package dev.tidemark.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServedCreationsTest {
    private static final ControllerInput CREATION =
            new ControllerInput.CreateTopics(List.of(), false, ControllerInput.Origin.CLIENT, 0);
    private static final ControllerInput DELETION =
            new ControllerInput.DeleteTopics(List.of(), ControllerInput.Origin.CLIENT);
    private static final ControllerReply MADE = new ControllerReply.TopicsCreated(List.of());
    private static final ControllerReply DELETED = new ControllerReply.TopicsDeleted(List.of());

    private final ManualLoop loop = new ManualLoop();
    private final Queue<Runnable> underWay = new ArrayDeque<>();
    private final CompletableFuture<ControllerReply> controllers = new CompletableFuture<>();
    private final ServedCreations served = new ServedCreations(_ -> controllers, underWay::add, loop);

    @Test
    void whoCreatesIsAnsweredWhenWhatIsLedHereIsServed() {
        CompletableFuture<ControllerReply> reply = served.submit(CREATION);
        controllers.complete(MADE);
        assertThat(reply).isNotDone();

        underWay.remove().run();

        assertThat(reply).isCompletedWithValue(MADE);
    }

    @Test
    void aDiskThatHangsDoesNotHoldTheAnswerForEver() {
        CompletableFuture<ControllerReply> reply = served.submit(CREATION);
        controllers.complete(MADE);

        loop.pass(ServedCreations.WAIT_MS_MAX);

        assertThat(reply).isCompletedWithValue(MADE);
    }

    @Test
    void othersAreAnsweredAtOnce() {
        CompletableFuture<ControllerReply> reply = served.submit(DELETION);
        controllers.complete(DELETED);

        assertThat(reply).isCompletedWithValue(DELETED);
        assertThat(underWay).isEmpty();
    }

    @Test
    void aRefusalIsPassedOnAtOnce() {
        CompletableFuture<ControllerReply> reply = served.submit(CREATION);
        controllers.completeExceptionally(new IllegalStateException("no controller"));

        assertThat(reply).isCompletedExceptionally();
        assertThat(underWay).isEmpty();
    }
}
