package dev.tidemark.broker.peer;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.protocol.message.Request;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The shared connections to the other brokers: one for each of them and purpose, made when it is first needed, and
/// made anew when it is needed after it has ended or the peer has moved. Nothing is retried here.
///
/// Owner: its monitor, held shortly. Callable from any thread; answers come on the loop of the connection. Life cycle:
/// [#close] once.
public final class Peers {
    private final int selfId;
    private final String listener;
    private final PeerTransport transport;
    private final IntFunction<Optional<BrokerRegistration>> brokers;
    private final IntFunction<Loop> loops;
    /// In an order that the keys' hashes do not tell, which differ between processes: all are closed in it.
    private final Map<Key, Link> links = new LinkedHashMap<>();
    private boolean closed;

    private record Key(int nodeId, PeerPurpose purpose) {}

    /// @param listener `inter.broker.listener.name`: the listener of the peers to connect to
    /// @param brokers a living broker's registration
    /// @param loops the loop of all connections to a broker, by its id
    public Peers(
            int selfId,
            String listener,
            PeerTransport transport,
            IntFunction<Optional<BrokerRegistration>> brokers,
            IntFunction<Loop> loops) {
        this.selfId = selfId;
        this.listener = listener;
        this.transport = transport;
        this.brokers = brokers;
        this.loops = loops;
    }

    /// Sends over the shared connection; see [PeerConnection#send]. UNREACHABLE where no such broker is registered.
    public CompletableFuture<PeerReply> send(int nodeId, PeerPurpose purpose, Request request, long timeoutMs) {
        return send(nodeId, purpose, request, Short.MAX_VALUE, timeoutMs);
    }

    /// The same in a version that is not above `highestVersion`.
    public CompletableFuture<PeerReply> send(
            int nodeId, PeerPurpose purpose, Request request, short highestVersion, long timeoutMs) {
        PeerConnection connection = connection(nodeId, purpose);
        if (connection == null) return CompletableFuture.failedFuture(unreachable(nodeId));
        return connection.send(request, highestVersion, timeoutMs);
    }

    /// Where a broker listens for other brokers, if it is registered.
    public Optional<BrokerEndpoint> endpoint(int nodeId) {
        return brokers.apply(nodeId).flatMap(broker -> broker.endpoint(listener));
    }

    /// The shared connection that stands or is being made, if the broker is registered.
    private synchronized @Nullable PeerConnection connection(int nodeId, PeerPurpose purpose) {
        BrokerEndpoint endpoint = endpoint(nodeId).orElse(null);
        Key key = new Key(nodeId, purpose);
        Link link = links.get(key);
        if (link != null && (endpoint == null || !link.endpoint.equals(endpoint))) {
            links.remove(key);
            link.closeSoon();
            link = null;
        }
        if (endpoint == null || closed) return null;
        return link == null ? connect(key, endpoint) : link.connection;
    }

    private PeerConnection connect(Key key, BrokerEndpoint endpoint) {
        Link link = new Link(key, endpoint);
        links.put(key, link);
        PeerConnection made =
                transport.connect(key.nodeId, endpoint, key.purpose.clientId(selfId), loops.apply(key.nodeId), link);
        link.connection = made;
        return made;
    }

    private PeerException unreachable(int nodeId) {
        return new PeerException(
                PeerException.Reason.UNREACHABLE, nodeId, "broker " + nodeId + " has no listener " + listener);
    }

    /// Ends all connections; what is under way fails.
    public void close() {
        Map<Key, Link> left;
        synchronized (this) {
            closed = true;
            left = new LinkedHashMap<>(links);
            links.clear();
        }
        left.values().forEach(Link::closeSoon);
    }

    private final class Link implements PeerConnection.Listener {
        final Key key;
        final BrokerEndpoint endpoint;

        @Nullable
        PeerConnection connection;

        Link(Key key, BrokerEndpoint endpoint) {
            this.key = key;
            this.endpoint = endpoint;
        }

        void closeSoon() {
            PeerConnection made = connection;
            if (made != null) made.close();
        }

        @Override
        public void onEnded(PeerException why) {
            synchronized (Peers.this) {
                links.remove(key, this);
            }
        }
    }
}
