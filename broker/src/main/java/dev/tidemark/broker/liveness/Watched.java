package dev.tidemark.broker.liveness;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process that is watched by a connection that carries nothing. When that ends it is made anew at once; where the
/// peer's machine refuses it twice in a row, the process is gone: a living one keeps its port from before it registers
/// until after it has left. Everything else (no answer, no way, a connection that is ended) says nothing certain.
///
/// Owner: the loop of its [LivenessWatch].
final class Watched implements PeerConnection.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Watched.class);

    /// Between the two refusals: the first may have met a process between two sockets.
    private static final long CONFIRM_MS = 15;
    private static final long PAUSE_MS_MIN = 50;
    private static final long PAUSE_MS_MAX = 1_000;
    private static final int REFUSALS_OF_THE_DEAD = 2;

    private final int nodeId;
    private final BrokerEndpoint endpoint;
    private final Runnable onDead;
    private final PeerTransport transport;
    private final String clientId;
    private final Loop loop;
    private @Nullable PeerConnection connection;
    private boolean stood;
    private boolean over;
    private boolean saidDead;
    private int refusals;
    private long pauseMs = PAUSE_MS_MIN;

    Watched(int nodeId, BrokerEndpoint endpoint, Runnable onDead, PeerTransport transport, String clientId, Loop loop) {
        this.nodeId = nodeId;
        this.endpoint = endpoint;
        this.onDead = onDead;
        this.transport = transport;
        this.clientId = clientId;
        this.loop = loop;
    }

    BrokerEndpoint endpoint() {
        return endpoint;
    }

    void dial() {
        if (over) return;
        stood = false;
        connection = transport.connect(nodeId, endpoint, clientId, loop, this);
    }

    void stop() {
        over = true;
        PeerConnection open = connection;
        if (open != null) open.close();
    }

    @Override
    public void onConnected() {
        stood = true;
        saidDead = false;
        refusals = 0;
        pauseMs = PAUSE_MS_MIN;
    }

    @Override
    public void onEnded(PeerException why) {
        connection = null;
        if (over) return;
        if (why.reason() == Reason.REFUSED) {
            onRefused();
        } else if (stood) {
            dial();
        } else {
            refusals = 0;
            dialAfter(nextPauseMs());
        }
    }

    private void onRefused() {
        refusals++;
        if (refusals < REFUSALS_OF_THE_DEAD) {
            dialAfter(CONFIRM_MS);
            return;
        }
        if (!saidDead)
            LOG.info("Broker {} refuses connections at {}: its process is gone", nodeId, endpoint.connectionString());
        saidDead = true;
        onDead.run();
        dialAfter(nextPauseMs()); // until it is watched no more: the verdict may have been in vain
    }

    private long nextPauseMs() {
        long ms = pauseMs;
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
        return ms;
    }

    private void dialAfter(long ms) {
        var _ = loop.runAfter(ms, this::dial);
    }
}
