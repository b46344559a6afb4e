package dev.tidemark.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerTransport;
import dev.tidemark.metadata.image.BrokerEndpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.IdentityHashMap;

/// Connects to other brokers over TCP, on the loops that also serve clients.
///
/// Callable from any thread. [#close] ends all connections; the loops live on.
public final class NettyPeerTransport implements PeerTransport, AutoCloseable {
    private final NettyLoops loops;
    private final PeerConfig config;
    private final MemoryBudget budget;
    private final IdentityHashMap<EventLoop, PeerLoop> peerLoops = new IdentityHashMap<>();

    public NettyPeerTransport(NettyLoops loops, PeerConfig config) {
        this.loops = loops;
        this.config = config;
        this.budget = new MemoryBudget(config.memoryBytesMax());
        for (NettyLoop loop : loops.all()) peerLoops.put(loop.eventLoop(), new PeerLoop(loop, budget));
    }

    @Override
    public PeerConnection connect(
            int nodeId, BrokerEndpoint endpoint, String clientId, Loop loop, PeerConnection.Listener listener) {
        if (!(loop instanceof NettyLoop nettyLoop)) throw new IllegalArgumentException("not a loop of the network");
        PeerLoop peerLoop = peerLoops.get(nettyLoop.eventLoop());
        if (peerLoop == null) throw new IllegalArgumentException("a loop of another network");
        NettyPeerConnection connection =
                new NettyPeerConnection(nodeId, endpoint, clientId, peerLoop, bootstrap(nettyLoop), config, listener);
        connection.begin();
        return connection;
    }

    private Bootstrap bootstrap(NettyLoop loop) {
        Class<? extends Channel> channel = loops.isEpoll() ? EpollSocketChannel.class : NioSocketChannel.class;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop.eventLoop())
                .channel(channel)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, config.connectTimeoutMs())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true);
        if (config.receiveBufferBytes() > 0) bootstrap.option(ChannelOption.SO_RCVBUF, config.receiveBufferBytes());
        return bootstrap;
    }

    /// What replies hold now.
    long memoryBytes() {
        return budget.usedBytes();
    }

    @Override
    public void close() {
        for (PeerLoop loop : peerLoops.values()) loop.loop().run(loop::close);
    }
}
