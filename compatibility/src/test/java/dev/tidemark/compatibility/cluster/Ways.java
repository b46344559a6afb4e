package dev.tidemark.compatibility.cluster;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The connections of proxies, each on a way that can be held: its bytes then wait, and the news of its end too, as
/// in a network that drops packets and heals.
///
/// Owner: its lock; a virtual thread for each direction of a connection.
///
/// @param <W> a way's name
final class Ways<W> implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<W> held = new HashSet<>();
    private final Map<Socket, W> open = new ConcurrentHashMap<>();
    private boolean closed;

    /// Carries bytes both ways until one side ends. Blocks.
    ///
    /// @param first what of `accepted` was read already
    /// @param onward makes the connection to the other end, when the way is free
    void link(Socket accepted, byte[] first, W way, Destination onward) {
        Socket there = null;
        open.put(accepted, way);
        try {
            awaitPassage(way);
            there = onward.connect();
            there.getOutputStream().write(first);
            Socket connected = there;
            Thread.ofVirtual().start(() -> pump(connected, accepted, way));
            pump(accepted, connected, way);
        } catch (IOException refused) {
            closeBoth(accepted, there);
        } finally {
            open.remove(accepted);
        }
    }

    /// Where a proxy leads to.
    interface Destination {
        Socket connect() throws IOException;
    }

    private void pump(Socket from, Socket into, W way) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
                awaitPassage(way);
                out.write(chunk, 0, count);
            }
        } catch (IOException ended) {
            // Both ends learn it.
        }
        try {
            awaitPassage(way);
        } catch (IOException over) {
            // The test is.
        }
        closeBoth(from, into);
    }

    private void awaitPassage(W way) throws IOException {
        lock.lock();
        try {
            while (held.contains(way) && !closed) changed.awaitUninterruptibly();
            if (closed) throw new IOException("the end");
        } finally {
            lock.unlock();
        }
    }

    /// What is on the way gets nowhere; sockets stay open, and new ones may be made that stay silent.
    void hold(W way) {
        lock.lock();
        try {
            held.add(way);
        } finally {
            lock.unlock();
        }
    }

    /// Connections end at once; new ones may be made, unless their way is held.
    void reset(Predicate<W> ways) throws IOException {
        for (Map.Entry<Socket, W> each : open.entrySet()) {
            if (ways.test(each.getValue())) each.getKey().close();
        }
    }

    /// All ways lead on; what waited arrives late.
    void heal() {
        lock.lock();
        try {
            held.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    static void closeBoth(Socket one, @Nullable Socket other) {
        closeQuietly(one);
        if (other != null) closeQuietly(other);
    }

    static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException already) {
            // It is as good as closed.
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        open.keySet().forEach(Ways::closeQuietly);
    }
}
