package dev.tidemark.network;

import dev.tidemark.broker.dispatch.RequestProcessor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves Kafka's wire protocol on one or more listeners. [#bind] takes the ports, so that they can be told to others;
/// [#open] lets clients in; [#close] ends what is in process within a bound, then the connections. The loops are not
/// its own and live on.
///
/// Callable from any thread but the loops'.
public final class NettyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyServer.class);
    private static final WriteBufferWaterMark OUTPUT_BYTES = new WriteBufferWaterMark(64 << 10, 256 << 10);
    private static final long LOOKS_PER_LIMIT = 8;
    private static final long LOOK_MS_MIN = 20;
    private static final long LOOK_MS_MAX = 5_000;
    private static final long DEFAULT_GRACE_MS = 5_000;
    private static final long ABORT_MS = 5_000;

    private final NettyLoops loops;
    private final ServerShared shared;
    private final ConnectionCounts counts = new ConnectionCounts();
    private final IdentityHashMap<EventLoop, ServerLoop> serverLoops = new IdentityHashMap<>();
    private final List<Future<?>> looks = new ArrayList<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final List<Channel> listening = new ArrayList<>();
    private final Map<String, Integer> boundPorts = new LinkedHashMap<>();
    private final RateGate rate = new RateGate();
    private final AtomicLong connections = new AtomicLong();
    private volatile ConnectionLimits limits;
    /// Owner: whoever closes; the loops look at it.
    private volatile boolean closing;

    private NettyServer(NetworkConfig config, NettyLoops loops, RequestProcessor processor) {
        this.loops = loops;
        this.limits = config.limits();
        this.shared = new ServerShared(
                config, processor, MemoryBudget.of(config.queuedRequestBytesMax()), new PeerLog(LOG), new ColdReads());
        for (NettyLoop loop : loops.all()) serverLoops.put(loop.eventLoop(), new ServerLoop(loop, shared.budget()));
    }

    /// Takes the ports of all listeners. Clients may connect from now on and wait for [#open].
    ///
    /// @throws IOException if one of the ports cannot be had; then none is kept
    public static NettyServer bind(NetworkConfig config, NettyLoops loops, RequestProcessor processor)
            throws IOException {
        NettyServer server = new NettyServer(config, loops, processor);
        try {
            for (Listener listener : config.listeners()) server.bind(listener);
        } catch (IOException failure) {
            server.close(0);
            throw failure;
        }
        server.startLooking();
        return server;
    }

    private void bind(Listener listener) throws IOException {
        Acceptor acceptor = new Acceptor(listener, new SharedGate());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.isEpoll() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, shared.config().backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .handler(acceptor)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTPUT_BYTES)
                .childHandler(new Newcomer(listener.name()));
        if (shared.config().receiveBufferBytes() > 0) {
            // On the listening socket too: the window that is offered with the first packet derives from it.
            bootstrap.option(ChannelOption.SO_RCVBUF, shared.config().receiveBufferBytes());
            bootstrap.childOption(ChannelOption.SO_RCVBUF, shared.config().receiveBufferBytes());
        }
        if (shared.config().sendBufferBytes() > 0)
            bootstrap.childOption(ChannelOption.SO_SNDBUF, shared.config().sendBufferBytes());
        InetSocketAddress address = listener.host().isEmpty()
                ? new InetSocketAddress(listener.port())
                : new InetSocketAddress(listener.host(), listener.port());
        if (address.isUnresolved()) throw new IOException("Listener " + listener.name() + ": unknown host " + address);
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "Listener " + listener.name() + " cannot be bound to " + address + ": "
                            + bound.cause().getMessage() + ".",
                    bound.cause());
        }
        loops.leave(bound.channel().eventLoop()); // It is no client's.
        acceptors.add(acceptor);
        listening.add(bound.channel());
        boundPorts.put(listener.name(), ((InetSocketAddress) bound.channel().localAddress()).getPort());
    }

    /// Sets a connection up on its loop.
    private final class Newcomer extends ChannelInitializer<Channel> {
        private final String listener;

        Newcomer(String listener) {
            this.listener = listener;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.closeFuture().addListener(_ -> loops.leave(channel.eventLoop()));
            ServerLoop loop = serverLoops.get(channel.eventLoop());
            if (loop == null || closing) {
                var _ = channel.close();
                return;
            }
            NettyConnection connection = new NettyConnection(shared, loop, listener, channel);
            channel.config().setAllocator(loop.memory().allocator());
            channel.config().setRecvByteBufAllocator(connection::receive);
            channel.config().setMessageSizeEstimator(() -> UnreadOutput::charge);
            channel.pipeline().addLast(connection);
        }

        @Override
        public boolean isSharable() {
            return true;
        }
    }

    private final class SharedGate implements Acceptor.Gate {
        @Override
        public ConnectionLimits limits() {
            return limits;
        }

        @Override
        public ConnectionCounts counts() {
            return counts;
        }

        @Override
        public PeerLog peerLog() {
            return shared.peerLog();
        }

        @Override
        public long nextNumber() {
            return connections.incrementAndGet();
        }

        @Override
        public void onLeft() {
            if (closing) return; // and the loops may be gone
            for (Acceptor acceptor : acceptors) acceptor.onRoom();
        }

        @Override
        public long passRate(long nowNs) {
            synchronized (rate) {
                return rate.pass(limits.creationRateMax(), nowNs);
            }
        }
    }

    private void startLooking() {
        long limitMs = shared.config().stalledFrameMs();
        long idleMs = shared.config().connectionsMaxIdleMs();
        if (idleMs >= 0) limitMs = Math.min(limitMs, idleMs);
        long everyMs = Math.clamp(limitMs / LOOKS_PER_LIMIT, LOOK_MS_MIN, LOOK_MS_MAX);
        for (ServerLoop loop : serverLoops.values()) {
            looks.add(loop.loop()
                    .eventLoop()
                    .scheduleWithFixedDelay(() -> look(loop), everyMs, everyMs, TimeUnit.MILLISECONDS));
        }
    }

    private static void look(ServerLoop loop) {
        long nowNs = System.nanoTime();
        loop.forEach(connection -> connection.onLook(nowNs));
    }

    /// Lets clients in.
    public void open() {
        for (Acceptor acceptor : acceptors) acceptor.open();
    }

    /// The port of each listener by name, in the order of the configuration.
    public Map<String, Integer> boundPorts() {
        return Map.copyOf(boundPorts);
    }

    /// Puts other limits in force. Nobody who is connected is sent away.
    public void limitConnections(ConnectionLimits changed) {
        limits = changed;
        for (Acceptor acceptor : acceptors) acceptor.onRoom();
    }

    public int connectionCount() {
        return counts.total();
    }

    /// What frames in process and unread replies hold of `queued.max.request.bytes`.
    public long queuedBytes() {
        return shared.budget().usedBytes();
    }

    /// The most that [#queuedBytes] has been.
    public long queuedBytesPeak() {
        return shared.budget().usedBytesPeak();
    }

    /// The buffer pools, for metrics and tests.
    List<PooledByteBufAllocator> pools() {
        return serverLoops.values().stream()
                .map(loop -> loop.memory().allocator())
                .toList();
    }

    @Override
    public void close() {
        close(DEFAULT_GRACE_MS);
    }

    /// Accepts and reads no more, waits up to `graceMs` for the requests in process to be answered, then closes all
    /// connections.
    ///
    /// @return whether everything ended by itself
    public boolean close(long graceMs) {
        if (closing) return true;
        closing = true;
        for (Channel channel : listening) channel.close().awaitUninterruptibly();
        for (Future<?> look : looks) look.cancel(false);
        boolean orderly = false;
        try {
            onAll(NettyConnection::closeWhenIdle);
            orderly = counts.awaitNone(graceMs);
            if (!orderly) {
                LOG.info("{} connections did not end within {} ms", counts.total(), graceMs);
                onAll(NettyConnection::abort);
                counts.awaitNone(ABORT_MS);
            }
        } catch (InterruptedException interrupted) {
            onAll(NettyConnection::abort);
            Thread.currentThread().interrupt();
        }
        shared.coldReads().close();
        for (ServerLoop loop : serverLoops.values()) loop.loop().run(loop::close);
        return orderly;
    }

    private void onAll(Consumer<NettyConnection> action) {
        for (ServerLoop loop : serverLoops.values()) loop.loop().run(() -> loop.forEach(action));
    }
}
