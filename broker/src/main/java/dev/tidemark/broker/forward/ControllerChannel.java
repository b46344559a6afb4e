package dev.tidemark.broker.forward;

import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.metadata.controller.ControllerInput;
import dev.tidemark.metadata.controller.ControllerReply;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.AlterPartitionResponse;
import dev.tidemark.protocol.message.CreateTopicsResponse;
import java.util.concurrent.CompletableFuture;

/// What this broker asks the controller for itself: in one call where it is the controller, else over the connection.
/// Nothing is tried again here.
public final class ControllerChannel implements ControllerGateway, AlterPartitionSender.Exchange {
    private final ControllerAddress address;
    private final Peers peers;
    private final int selfId;
    private final long answerTimeoutMs;

    /// @param answerTimeoutMs `controller.socket.timeout.ms`
    public ControllerChannel(ControllerAddress address, Peers peers, int selfId, long answerTimeoutMs) {
        this.address = address;
        this.peers = peers;
        this.selfId = selfId;
        this.answerTimeoutMs = answerTimeoutMs;
    }

    /// Elsewhere than here, brokers create topics only; clients' wishes are sent on as they are.
    @Override
    public CompletableFuture<ControllerReply> submit(ControllerInput input) {
        ControllerImage controller = address.controller();
        if (address.isLocal() || !isElsewhere(controller) || !(input instanceof ControllerInput.CreateTopics create))
            return address.local().submit(input);
        return peers.send(
                        controller.brokerId(),
                        PeerPurpose.CONTROL,
                        TopicCreations.request(create, (int) answerTimeoutMs),
                        answerTimeoutMs)
                .thenApply(PeerReply::detach)
                .thenApply(response -> TopicCreations.reply((CreateTopicsResponse) response));
    }

    @Override
    public CompletableFuture<AlterPartitionResponse> send(ControllerImage controller, AlterPartitionRequest request) {
        if (address.isLocal()) {
            return address.local().alterPartition(IsrMessages.input(request)).thenApply(IsrMessages::response);
        }
        if (!isElsewhere(controller)) {
            return CompletableFuture.failedFuture(
                    new RefusedException(ErrorCode.NOT_CONTROLLER, "there is no controller"));
        }
        return peers.send(controller.brokerId(), PeerPurpose.CONTROL, request, answerTimeoutMs)
                .thenApply(PeerReply::detach)
                .thenApply(AlterPartitionResponse.class::cast);
    }

    private boolean isElsewhere(ControllerImage controller) {
        return controller.isKnown() && controller.brokerId() != selfId;
    }
}
