package dev.tidemark.broker.peer;

import dev.tidemark.base.time.Loop;
import dev.tidemark.metadata.image.BrokerEndpoint;

/// The seam to other brokers: request and reply over sockets in production, delayed, dropped and cut in the simulator.
///
/// An implementation has no thread of its own: whatever it tells about a connection (the listener's events, the
/// completion of what was sent) it tells on the loop that the connection was given, one at a time, never from inside
/// the call that caused it.
public interface PeerTransport {
    /// Begins to connect; returns at once. Callable from any thread.
    ///
    /// @param nodeId whom the caller expects there; for logs and errors, the transport does not check it
    /// @param endpoint where the peer listens
    /// @param clientId goes into the header of every request: `broker-1-fetch` for the fetches of broker 1
    /// @param loop where listener and replies run; one of the loops of this broker
    /// @param listener hears how the connection fares
    PeerConnection connect(
            int nodeId, BrokerEndpoint endpoint, String clientId, Loop loop, PeerConnection.Listener listener);
}
