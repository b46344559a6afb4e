package dev.tidemark.network;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.LoggerFactory;

/// A server on loopback with a [Scripted] processor, and the lines that it logs.
final class Served implements AutoCloseable {
    private static final long LIMIT_NS = 60_000_000_000L;

    final Scripted processor = new Scripted();
    final NettyLoops loops;
    final NettyServer server;
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    Served() throws IOException {
        this(config -> config);
    }

    Served(UnaryOperator<NetworkConfig.Builder> change) throws IOException {
        this(true, change);
    }

    Served(boolean epoll, UnaryOperator<NetworkConfig.Builder> change) throws IOException {
        lines.start();
        root().addAppender(lines);
        leaks().addAppender(lines);
        leaks().setLevel(ch.qos.logback.classic.Level.ERROR);
        loops = NettyLoops.start(2, epoll);
        List<Listener> listeners = List.of(new Listener("PLAINTEXT", "127.0.0.1", 0));
        server = NettyServer.bind(change.apply(NetworkConfig.builder(listeners)).build(), loops, processor);
        server.open();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger("dev.tidemark");
    }

    /// What Netty's leak detector says.
    private static Logger leaks() {
        return (Logger) LoggerFactory.getLogger("io.netty.util.ResourceLeakDetector");
    }

    int port() {
        return server.boundPorts().get("PLAINTEXT");
    }

    Client connect() throws IOException {
        return new Client(port());
    }

    /// Lines at WARN and above.
    List<String> complaints() {
        synchronized (lines) {
            return List.copyOf(lines.list).stream()
                    .filter(line -> line.getLevel().levelInt >= ch.qos.logback.classic.Level.WARN_INT)
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }
    }

    boolean hasStackTrace() {
        return List.copyOf(lines.list).stream().anyMatch(line -> line.getThrowableProxy() != null);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("never: " + what);
            Thread.sleep(1);
        }
    }

    /// Ends the server, and proves that it gave back all memory.
    @Override
    public void close() {
        try {
            server.close(5_000);
            loops.close();
            if (server.queuedBytes() != 0) throw new AssertionError("counted still: " + server.queuedBytes());
            if (List.copyOf(lines.list).stream()
                    .anyMatch(line -> line.getMessage().contains("LEAK")))
                throw new AssertionError("a leak: " + complaints());
            for (PooledByteBufAllocator pool : server.pools()) {
                long active = pool.metric().directArenas().stream()
                        .mapToLong(arena -> arena.numActiveAllocations())
                        .sum();
                if (active != 0) throw new AssertionError("buffers not given back: " + active);
            }
        } finally {
            root().detachAppender(lines);
            leaks().detachAppender(lines);
        }
    }
}
