package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/// How a simulated broker reaches the others. A reply's bytes are overwritten when it is released.
public record SimulatedPeerTransport(SimulatedNetwork network, Machine machine, SimulatedProcess process)
        implements PeerTransport {
    private static final byte REUSED = (byte) 0xA5;

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
        FlawedPeer flawed = new FlawedPeer(network.flaw(), channel, loop);
        return new PeerConnection() {
            @Override
            public CompletableFuture<PeerReply> send(Request request, short highestVersion, long timeoutMs) {
                CompletableFuture<PeerReply> reply = new CompletableFuture<>();
                flawed.send(request, highestVersion, timeoutMs, new ToFuture(reply, nodeId));
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
