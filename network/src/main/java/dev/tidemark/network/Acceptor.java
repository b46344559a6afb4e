package dev.tidemark.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which new connections of one listener come in. It never blocks: where a limit says "later" it stops
/// accepting, and the system's backlog holds those who knock.
///
/// Owner: the loop of the listening channel; [#onRoom] from any thread.
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long AFTER_FAILURE_MS = 1_000;

    private static final int PAUSED_FULL = 1;
    private static final int PAUSED_RATE = 2;
    private static final int PAUSED_FAILURE = 4;
    private static final int PAUSED_SHUT = 8;

    /// Of a child: which connection of the server it is, in the order of acceptance.
    static final AttributeKey<Long> NUMBER = AttributeKey.valueOf(Acceptor.class, "number");

    private final Listener listener;
    private final Gate gate;
    private final RateGate rate = new RateGate();
    private @Nullable ChannelHandlerContext context;
    private int paused = PAUSED_SHUT;

    /// What all listeners of a server have in common.
    interface Gate {
        ConnectionLimits limits();

        ConnectionCounts counts();

        PeerLog peerLog();

        /// Of the next connection.
        long nextNumber();

        /// A connection has gone.
        void onLeft();

        /// Lets one pass by the rate for all listeners.
        ///
        /// @return how long to wait before the next in nanoseconds
        long passRate(long nowNs);
    }

    Acceptor(Listener listener, Gate gate) {
        this.listener = listener;
        this.gate = gate;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        Channel child = (Channel) message;
        long nowNs = System.nanoTime();
        if (!(child.remoteAddress() instanceof InetSocketAddress peer) || !admit(child, peer, nowNs)) {
            child.unsafe().closeForcibly();
            return;
        }
        if (isFull()) pause(PAUSED_FULL);
        long waitNs = Math.max(rate.pass(listener.connectionCreationRateMax(), nowNs), gate.passRate(nowNs));
        if (waitNs > 0) pauseFor(PAUSED_RATE, waitNs / 1_000_000 + 1);
        child.attr(NUMBER).set(gate.nextNumber()); // Here, as the loops of the children race.
        from.fireChannelRead(child);
    }

    private boolean admit(Channel child, InetSocketAddress peer, long nowNs) {
        InetAddress address = peer.getAddress();
        int perAddressMax = gate.limits().perIpMax(address.getHostAddress());
        if (isFull()) return false;
        if (!gate.counts().tryAdd(address, listener.name(), perAddressMax)) {
            gate.peerLog()
                    .mistake(
                            address.getHostAddress(),
                            peer,
                            "refused: there are already " + perAddressMax + " connections from this address",
                            nowNs);
            return false;
        }
        child.closeFuture().addListener(_ -> {
            gate.counts().remove(address, listener.name());
            gate.onLeft();
        });
        return true;
    }

    private boolean isFull() {
        return gate.counts().total() >= gate.limits().connectionsMax()
                || gate.counts().of(listener.name()) >= listener.connectionsMax();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if ((paused & PAUSED_FAILURE) == 0)
            LOG.error("Listener {} cannot accept for now: {}", listener.name(), cause.toString());
        pauseFor(PAUSED_FAILURE, AFTER_FAILURE_MS);
    }

    /// Lets in whoever waits, from now on.
    void open() {
        onLoop(() -> resume(PAUSED_SHUT));
    }

    /// Somebody has left, or a limit has changed.
    void onRoom() {
        onLoop(() -> {
            if ((paused & PAUSED_FULL) != 0 && !isFull()) resume(PAUSED_FULL);
        });
    }

    private void onLoop(Runnable task) {
        ChannelHandlerContext own = context;
        if (own == null) return;
        if (own.executor().inEventLoop()) task.run();
        else own.executor().execute(task);
    }

    private void pauseFor(int reason, long ms) {
        ChannelHandlerContext own = context;
        if (own == null || (paused & reason) != 0) return;
        pause(reason);
        var _ = own.executor().schedule(() -> resume(reason), ms, TimeUnit.MILLISECONDS);
    }

    private void pause(int reason) {
        ChannelHandlerContext own = context;
        if (own == null) return;
        paused |= reason;
        own.channel().config().setAutoRead(false);
    }

    private void resume(int reason) {
        ChannelHandlerContext own = context;
        if (own == null) return;
        paused &= ~reason;
        if (paused == 0 && own.channel().isOpen()) own.channel().config().setAutoRead(true);
    }
}
