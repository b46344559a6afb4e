package dev.tidemark.broker;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The way to other brokers, whose part the test plays.
public final class TestTransport implements PeerTransport {
    public final List<Dialled> dialled = new ArrayList<>();

    /// One connection that the broker has begun.
    public static final class Dialled implements PeerConnection {
        public final int nodeId;
        public final String clientId;
        public final List<Sent> sent = new ArrayList<>();
        private final Loop loop;
        private final Listener listener;
        public boolean closed;

        Dialled(int nodeId, String clientId, Loop loop, Listener listener) {
            this.nodeId = nodeId;
            this.clientId = clientId;
            this.loop = loop;
            this.listener = listener;
        }

        @Override
        public CompletableFuture<PeerReply> send(Request request, short highestVersion, long timeoutMs) {
            Sent made = new Sent(request, highestVersion, loop, new CompletableFuture<>());
            sent.add(made);
            return made.reply;
        }

        @Override
        public void close() {
            closed = true;
        }

        public void connected() {
            loop.run(listener::onConnected);
        }

        public void ended(PeerException.Reason reason) {
            PeerException why = new PeerException(reason, nodeId, "as the test wants");
            loop.run(() -> {
                listener.onEnded(why);
                sent.forEach(one -> one.reply.completeExceptionally(why));
            });
        }
    }

    /// A request that waits for its answer.
    public record Sent(Request request, short highestVersion, Loop loop, CompletableFuture<PeerReply> reply) {
        public void answer(Response response) {
            loop.run(() -> reply.complete(new PeerReply(response, highestVersion, () -> {})));
        }
    }

    @Override
    public PeerConnection connect(
            int nodeId, BrokerEndpoint endpoint, String clientId, Loop loop, PeerConnection.Listener listener) {
        Dialled connection = new Dialled(nodeId, clientId, loop, listener);
        dialled.add(connection);
        return connection;
    }

    public Dialled last() {
        return dialled.getLast();
    }
}
