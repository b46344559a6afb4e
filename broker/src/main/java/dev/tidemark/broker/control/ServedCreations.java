package dev.tidemark.broker.control;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// The way to the controller for those who make partitions: they are answered once this broker serves what it leads of
/// them. Clients are told of no leader that does not serve yet, so whoever has just created a topic, and was answered
/// earlier, would find it without leaders for a moment.
public final class ServedCreations implements ControllerGateway {
    /// Whoever asked is answered after this time, though the partitions may still be on their way.
    static final long WAIT_MS_MAX = 5_000;

    private final ControllerGateway controller;
    private final Executor afterWhatIsUnderWay;
    private final Loop timers;

    /// @param afterWhatIsUnderWay runs a task once all replicas are brought up that were asked for before
    public ServedCreations(ControllerGateway controller, Executor afterWhatIsUnderWay, Loop timers) {
        this.controller = controller;
        this.afterWhatIsUnderWay = afterWhatIsUnderWay;
        this.timers = timers;
    }

    @Override
    public CompletableFuture<ControllerReply> submit(ControllerInput input) {
        CompletableFuture<ControllerReply> reply = controller.submit(input);
        return switch (input) {
            case ControllerInput.CreateTopics _, ControllerInput.CreatePartitions _ ->
                reply.thenCompose(this::onceServed);
            default -> reply;
        };
    }

    /// The image has the new partitions, so they are on the list of what is to be brought up: this comes behind them.
    private CompletableFuture<ControllerReply> onceServed(ControllerReply reply) {
        CompletableFuture<ControllerReply> served = new CompletableFuture<>();
        Loop.Timer limit = timers.runAfter(WAIT_MS_MAX, () -> served.complete(reply));
        afterWhatIsUnderWay.execute(() -> served.complete(reply));
        var _ = served.whenComplete((_, _) -> limit.cancel());
        return served;
    }
}
