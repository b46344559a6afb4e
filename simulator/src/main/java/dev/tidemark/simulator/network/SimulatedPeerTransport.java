package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.protocol.message.AlterPartitionRequest;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.WriteTxnMarkersRequest;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.flaw.FlawedReplies;
import dev.tidemark.simulator.flaw.FlawedRequests;
import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// How a simulated broker reaches the others. A reply's bytes are overwritten when it is released.
public record SimulatedPeerTransport(SimulatedNetwork network, Machine machine, SimulatedProcess process)
        implements PeerTransport {
    private static final byte REUSED = (byte) 0xA5;
    private static final long LATE_MS = 300;
    private static final RequestChannel.Answer UNHEARD = new RequestChannel.Answer() {
        @Override
        public void onResponse(Response response, short version, byte[] frame) {}

        @Override
        public void onFailed(RequestChannel.End why) {}
    };

    @Override
    public PeerConnection connect(
            int nodeId, BrokerEndpoint endpoint, String clientId, Loop loop, PeerConnection.Listener listener) {
        RequestChannel channel = new RequestChannel(
                network, machine, process, loop, endpoint.host(), clientId, new RequestChannel.Listener() {
                    @Override
                    public void onConnected() {
                        listener.onConnected();
                    }

                    @Override
                    public void onEnded(RequestChannel.End why) {
                        listener.onEnded(failure(why, nodeId));
                    }
                });
        return new PeerConnection() {
            @Override
            public CompletableFuture<PeerReply> send(Request request, short highestVersion, long timeoutMs) {
                CompletableFuture<PeerReply> reply = new CompletableFuture<>();
                Request sent = request;
                if (network.flaw() == Flaw.NO_TRUNCATION_BY_EPOCH && request instanceof FetchRequest fetch)
                    sent = FlawedRequests.agreeing(fetch);
                if (network.flaw() == Flaw.ISR_WITHOUT_CONTROLLER && request instanceof AlterPartitionRequest alter) {
                    loop.run(() ->
                            reply.complete(new PeerReply(FlawedRequests.agreed(alter), highestVersion, () -> {})));
                    return reply;
                }
                if (network.flaw() == Flaw.OFFSETS_WITHOUT_OUTPUT && request instanceof WriteTxnMarkersRequest markers)
                    sent = FlawedReplies.withoutOutput(markers);
                RequestChannel.Answer answer = new ToFuture(reply, nodeId);
                if (network.flaw() == Flaw.HIGH_WATERMARK_ABOVE_ISR && request instanceof FetchRequest fetch)
                    answer = new TooEarly(
                            answer, fetch, ahead -> channel.send(ahead, highestVersion, timeoutMs, UNHEARD), loop);
                channel.send(sent, highestVersion, timeoutMs, answer);
                if (network.flaw() == Flaw.LATE_MARKER_TAKEN && request instanceof WriteTxnMarkersRequest markers) {
                    var _ = loop.runAfter(
                            LATE_MS,
                            () -> channel.send(FlawedReplies.late(markers), highestVersion, timeoutMs, UNHEARD));
                }
                return reply;
            }

            @Override
            public void close() {
                channel.close();
            }
        };
    }

    private static PeerException failure(RequestChannel.End why, int nodeId) {
        PeerException.Reason reason = switch (why) {
            case REFUSED -> PeerException.Reason.REFUSED;
            case UNREACHABLE -> PeerException.Reason.UNREACHABLE;
            case CLOSED -> PeerException.Reason.CLOSED;
            case TIMED_OUT -> PeerException.Reason.TIMED_OUT;
            case UNSUPPORTED_VERSION -> PeerException.Reason.UNSUPPORTED_VERSION;
        };
        return new PeerException(reason, nodeId, "broker " + nodeId + ": " + why);
    }

    /// Tells the leader that the follower has what came, and the follower itself some time later,
    /// if it lives till then.
    private record TooEarly(
            RequestChannel.Answer follower, FetchRequest request, Consumer<FetchRequest> sender, Loop loop)
            implements RequestChannel.Answer {
        @Override
        public void onResponse(Response response, short version, byte[] frame) {
            if (response instanceof FetchResponse fetched) {
                FetchRequest ahead = FlawedReplies.ahead(request, fetched);
                if (!ahead.topics().isEmpty()) {
                    sender.accept(ahead);
                    var _ = loop.runAfter(LATE_MS, () -> follower.onResponse(response, version, frame));
                    return;
                }
            }
            follower.onResponse(response, version, frame);
        }

        @Override
        public void onFailed(RequestChannel.End why) {
            follower.onFailed(why);
        }
    }

    private record ToFuture(CompletableFuture<PeerReply> reply, int nodeId) implements RequestChannel.Answer {
        @Override
        public void onResponse(Response response, short version, byte[] frame) {
            reply.complete(new PeerReply(response, version, () -> Arrays.fill(frame, REUSED)));
        }

        @Override
        public void onFailed(RequestChannel.End why) {
            reply.completeExceptionally(failure(why, nodeId));
        }
    }
}
