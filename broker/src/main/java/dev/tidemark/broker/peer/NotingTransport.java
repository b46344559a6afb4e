package dev.tidemark.broker.peer;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.metadata.image.BrokerEndpoint;

/// A transport that notes whose port refuses connections, whoever wanted them: where nobody listens, the process is
/// gone. Its notes are taken on the connections' loops.
public final class NotingTransport implements PeerTransport {
    /// Callable from any thread.
    public interface Notes {
        void onRefused(int nodeId);

        void onConnected(int nodeId);
    }

    private final PeerTransport transport;
    private final Notes notes;

    public NotingTransport(PeerTransport transport, Notes notes) {
        this.transport = transport;
        this.notes = notes;
    }

    @Override
    public PeerConnection connect(
            int nodeId, BrokerEndpoint endpoint, String clientId, Loop loop, PeerConnection.Listener listener) {
        return transport.connect(nodeId, endpoint, clientId, loop, new PeerConnection.Listener() {
            @Override
            public void onConnected() {
                notes.onConnected(nodeId);
                listener.onConnected();
            }

            @Override
            public void onEnded(PeerException why) {
                if (why.reason() == Reason.REFUSED) notes.onRefused(nodeId);
                listener.onEnded(why);
            }
        });
    }
}
