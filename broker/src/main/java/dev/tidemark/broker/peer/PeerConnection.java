package dev.tidemark.broker.peer;

import dev.tidemark.protocol.message.Request;
import java.util.concurrent.CompletableFuture;

/// One connection to another broker, with any number of requests under way. The peer gets them in the order in which
/// they were sent and answers in that order.
///
/// Life cycle: begins with [PeerTransport#connect]; requests may be sent at once, they leave when the connection
/// stands. Ends once, by [#close], by the peer, or because an answer did not come in time: the place of that answer
/// among the others is lost, so the connection goes with it. Then every request that is still open fails. A connection
/// that has ended is of no more use; whoever needs the peer connects anew.
///
/// Callable from any thread; completions come on the connection's loop.
public interface PeerConnection {
    /// Sends in the highest version that both sides know.
    ///
    /// @param timeoutMs from now to the answer, connecting included; above zero
    /// @return the answer, which the receiver must [release][PeerReply#release] once; fails with a [PeerException].
    ///     An answer with an error code is an answer. Cancelling has no effect.
    default CompletableFuture<PeerReply> send(Request request, long timeoutMs) {
        return send(request, Short.MAX_VALUE, timeoutMs);
    }

    /// Sends in the highest version that both sides know and that is not above `highestVersion`: for what is sent on
    /// for a client, who wants an answer in its own version.
    CompletableFuture<PeerReply> send(Request request, short highestVersion, long timeoutMs);

    /// Ends the connection; what is under way fails with CLOSED. More than once does nothing.
    void close();

    /// Hears how a connection fares, on the connection's loop. Must not block.
    interface Listener {
        /// The peer has accepted the connection and has told its versions: somebody who speaks the protocol is there.
        default void onConnected() {}

        /// The connection has ended, or has never stood. Told once, before the open requests fail, also after
        /// [PeerConnection#close].
        default void onEnded(PeerException why) {}
    }

    /// For those who learn enough from the answers.
    Listener NO_LISTENER = new Listener() {};
}
