package dev.tidemark.network;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The event loops of the process. They exist before the [NettyServer] and outlive it: partitions and coordinators
/// use them too. [#close] ends them.
public final class NettyLoops implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLoops.class);
    private static final long SHUTDOWN_TIMEOUT_MS = 5_000;

    private final EventLoopGroup group;
    private final Seats seats;
    private final boolean epoll;
    private final List<NettyLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    private NettyLoops(EventLoopGroup group, Seats seats, boolean epoll) {
        this.group = group;
        this.seats = seats;
        this.epoll = epoll;
        List<NettyLoop> made = new ArrayList<>();
        for (EventExecutor executor : group) made.add(new NettyLoop((EventLoop) executor));
        this.loops = List.copyOf(made);
    }

    /// As many loops as the machine has processors.
    public static int defaultCount() {
        return Runtime.getRuntime().availableProcessors();
    }

    /// Starts `count` loops (`num.network.threads`) on epoll, or on the JDK's NIO where epoll is missing.
    public static NettyLoops start(int count) {
        return start(count, Epoll.isAvailable());
    }

    static NettyLoops start(int count, boolean epoll) {
        if (count < 1) throw new IllegalArgumentException("fewer than one loop: " + count);
        IoHandlerFactory handler = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        if (epoll) LOG.info("Network: {} event loops on epoll", count);
        else LOG.info("Network: {} event loops on NIO, because epoll is missing: {}", count, whyNoEpoll());
        Executor threads = new ThreadPerTaskExecutor(new DefaultThreadFactory("tidemark-network"));
        Seats seats = new Seats();
        return new NettyLoops(new MultiThreadIoEventLoopGroup(count, threads, seats, handler), seats, epoll);
    }

    private static String whyNoEpoll() {
        Throwable cause = Epoll.unavailabilityCause();
        if (cause == null) return "not asked for";
        while (cause.getCause() != null) cause = cause.getCause();
        return String.valueOf(cause.getMessage());
    }

    public List<NettyLoop> all() {
        return loops;
    }

    /// The loops in turn. Callable from any thread.
    public NettyLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /// Its `next` takes a seat for a channel, to be given back by [#leave].
    EventLoopGroup group() {
        return group;
    }

    /// A channel that the group seated does not need it any more.
    void leave(EventExecutor loop) {
        seats.leave(loop);
    }

    boolean isEpoll() {
        return epoll;
    }

    /// Runs what was given to the loops, then ends their threads; waits for it, but not for ever.
    @Override
    public void close() {
        group.shutdownGracefully(0, SHUTDOWN_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * SHUTDOWN_TIMEOUT_MS);
    }
}
