package dev.tidemark.broker.forward;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerPurpose;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.Peers;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.AlterPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.CreatePartitionsRequest;
import dev.tidemark.protocol.message.CreateTopicsRequest;
import dev.tidemark.protocol.message.DeleteTopicsRequest;
import dev.tidemark.protocol.message.ElectLeadersRequest;
import dev.tidemark.protocol.message.ListPartitionReassignmentsRequest;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.UpdateFeaturesRequest;
import org.jspecify.annotations.Nullable;

/// Serves an API that only the controller can answer, on every broker: the controller answers itself, the others send
/// the request on to it and its answer back. While the controllership moves, it is tried again; when the request's time
/// is over, this broker's own handler has the last word, and that is NOT_CONTROLLER unless it has become the one.
///
/// A request that was under way to a controller when that went may have been carried out, and is sent again all the
/// same, as in Kafka: a client may hear TOPIC_ALREADY_EXISTS of the topic that it has created.
public final class ForwardingHandler<Q extends Request> implements Handler<Q> {
    private static final int WAIT_MS_MIN = 1_000;
    private static final int WAIT_MS_MAX = 30_000;
    private static final long PAUSE_MS_MIN = 10;
    private static final long PAUSE_MS_MAX = 200;

    private final Handler<Q> local;
    private final Way way;

    /// What the handlers of all these APIs share.
    ///
    /// @param answerTimeoutMs `controller.socket.timeout.ms`: for one attempt. It does not follow from what clients
    ///     give: an answer that is missing costs the connection that they share.
    public record Way(ControllerAddress address, Peers peers, PeerCalls calls, int selfId, long answerTimeoutMs) {}

    public ForwardingHandler(Handler<Q> local, Way way) {
        this.local = local;
        this.way = way;
    }

    @Override
    public ApiKey api() {
        return local.api();
    }

    @Override
    public Class<Q> requestType() {
        return local.requestType();
    }

    @Override
    public short lowestVersion() {
        return local.lowestVersion();
    }

    @Override
    public short highestVersion() {
        return local.highestVersion();
    }

    @Override
    public boolean isForBrokers() {
        return local.isForBrokers();
    }

    @Override
    public void handle(Q request, Call call) {
        if (way.calls.isFromBroker(call)) local.handle(request, call);
        else new Sending(request, call).attempt();
    }

    private static long waitMs(Request request) {
        int asked = switch (request) {
            case CreateTopicsRequest create -> create.timeoutMs();
            case DeleteTopicsRequest delete -> delete.timeoutMs();
            case CreatePartitionsRequest create -> create.timeoutMs();
            case ElectLeadersRequest elect -> elect.timeoutMs();
            case AlterPartitionReassignmentsRequest alter -> alter.timeoutMs();
            case ListPartitionReassignmentsRequest list -> list.timeoutMs();
            case UpdateFeaturesRequest update -> update.timeoutMs();
            default -> WAIT_MS_MAX;
        };
        return Math.clamp(asked, WAIT_MS_MIN, WAIT_MS_MAX);
    }

    /// One request on its way. One attempt at a time, each begun on the loop of the call.
    private final class Sending {
        private final Q request;
        private final Call call;
        private final long deadlineMs;
        private long pauseMs = PAUSE_MS_MIN;

        Sending(Q request, Call call) {
            this.request = request;
            this.call = call;
            this.deadlineMs = nowMs() + waitMs(request);
        }

        private long nowMs() {
            return loop().clock().monotonicMs();
        }

        private Loop loop() {
            return call.loop();
        }

        void attempt() {
            ControllerImage controller = way.address.controller();
            if (isOver()) {
                local.handle(request, call);
            } else if (way.address.isLocal()) {
                local.handle(request, call.withReply(this::onResponse));
            } else if (controller.isKnown() && controller.brokerId() != way.selfId) {
                var _ = way.peers
                        .send(controller.brokerId(), PeerPurpose.FORWARD, request, call.version(), way.answerTimeoutMs)
                        .whenComplete(this::onReply);
            } else {
                again();
            }
        }

        private boolean isOver() {
            return nowMs() >= deadlineMs || !call.connection().isOpen();
        }

        private void onReply(@Nullable PeerReply reply, @Nullable Throwable failure) {
            if (reply != null) {
                onResponse(reply.detach());
            } else if (failure instanceof PeerException why
                    && why.reason() == PeerException.Reason.UNSUPPORTED_VERSION) {
                local.handle(request, call);
            } else {
                again();
            }
        }

        private void onResponse(Response response) {
            if (NotController.isIn(response) && !isOver()) again();
            else call.reply(response);
        }

        private void again() {
            var _ = loop().runAfter(pauseMs, this::attempt);
            pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
        }
    }
}
