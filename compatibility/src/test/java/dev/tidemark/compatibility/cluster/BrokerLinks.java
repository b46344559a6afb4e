package dev.tidemark.compatibility.cluster;

import dev.tidemark.bench.broker.FreePorts;
import dev.tidemark.bench.broker.Node;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The ways between brokers, each through a proxy of this process: a broker is told to others at its proxy's port, and
/// who comes is known by the client id of its first request. Clients and ZooKeeper go other ways.
///
/// Owner: its lock; a virtual thread for each direction of a connection.
final class BrokerLinks implements AutoCloseable {
    private static final Pattern CLIENT_ID = Pattern.compile("broker-(\\d+).*");
    private static final int CLIENT_ID_LENGTH_AT = 8; // After key, version and correlation id.
    private static final int CHUNK_BYTES = 1 << 16;

    private record Way(int from, int to) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Way> held = new HashSet<>();
    private final List<ServerSocket> listening = new ArrayList<>();
    private final Map<Socket, Way> open = new ConcurrentHashMap<>();
    private boolean closed;

    /// The same nodes with a listener for brokers that others find behind a proxy.
    List<Node> between(List<Node> nodes) throws IOException {
        int[] inner = FreePorts.take(nodes.size());
        List<Node> linked = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            int port = inner[i];
            ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listening.add(proxy);
            Thread.ofVirtual().start(() -> accept(proxy, node.id(), port));
            Map<String, String> settings = new HashMap<>(node.settings());
            String clients = "PLAINTEXT://" + node.bootstrap();
            settings.put("listeners", clients + ",INNER://" + Node.HOST + ":" + port);
            settings.put("advertised.listeners", clients + ",INNER://" + Node.HOST + ":" + proxy.getLocalPort());
            settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,INNER:PLAINTEXT");
            settings.put("inter.broker.listener.name", "INNER");
            linked.add(new Node(
                    node.id(),
                    node.folder(),
                    node.port(),
                    node.controllerPort(),
                    node.peerPort(),
                    node.electionPort(),
                    settings));
        }
        return linked;
    }

    private void accept(ServerSocket proxy, int to, int port) {
        while (true) {
            try {
                Socket accepted = proxy.accept();
                Thread.ofVirtual().start(() -> link(accepted, to, port));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void link(Socket accepted, int to, int port) {
        Socket onward = null;
        try {
            InputStream in = accepted.getInputStream();
            byte[] first = firstFrame(in);
            Way way = new Way(sender(first), to);
            open.put(accepted, way);
            awaitPassage(way);
            onward = new Socket(InetAddress.getLoopbackAddress(), port);
            onward.getOutputStream().write(first);
            Socket there = onward;
            Thread.ofVirtual().start(() -> pump(there, accepted, way));
            pump(accepted, onward, way);
        } catch (IOException refused) {
            closeBoth(accepted, onward);
        } finally {
            open.remove(accepted);
        }
    }

    /// With its length before it.
    private static byte[] firstFrame(InputStream in) throws IOException {
        byte[] length = in.readNBytes(Integer.BYTES);
        if (length.length < Integer.BYTES) throw new EOFException();
        int size = ByteBuffer.wrap(length).getInt();
        byte[] body = in.readNBytes(size);
        return ByteBuffer.allocate(length.length + body.length)
                .put(length)
                .put(body)
                .array();
    }

    private static int sender(byte[] frame) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(frame);
        int length = header.getShort(Integer.BYTES + CLIENT_ID_LENGTH_AT);
        String clientId =
                new String(frame, Integer.BYTES + CLIENT_ID_LENGTH_AT + Short.BYTES, length, StandardCharsets.UTF_8);
        Matcher broker = CLIENT_ID.matcher(clientId);
        if (!broker.matches()) throw new IOException("who is " + clientId + "?");
        return Integer.parseInt(broker.group(1));
    }

    private void pump(Socket from, Socket into, Way way) {
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
        closeBoth(from, into);
    }

    /// While a way is held its bytes wait, as in a network that drops packets and heals.
    private void awaitPassage(Way way) throws IOException {
        lock.lock();
        try {
            while (held.contains(way) && !closed) changed.awaitUninterruptibly();
            if (closed) throw new IOException("the end");
        } finally {
            lock.unlock();
        }
    }

    private static void closeBoth(Socket one, @Nullable Socket other) {
        closeQuietly(one);
        if (other != null) closeQuietly(other);
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException already) {
            // It is as good as closed.
        }
    }

    /// What one broker begins towards another gets nowhere, neither requests nor their replies; sockets stay open.
    void hold(int from, int to) {
        lock.lock();
        try {
            held.add(new Way(from, to));
        } finally {
            lock.unlock();
        }
    }

    /// No way leads from or to the broker.
    void isolate(int id, int nodes) {
        for (int other = 1; other <= nodes; other++) {
            if (other == id) continue;
            hold(id, other);
            hold(other, id);
        }
    }

    /// Connections of the broker end at once; new ones may be made, unless they are held.
    void reset(int id) throws IOException {
        for (Map.Entry<Socket, Way> each : open.entrySet()) {
            if (each.getValue().from() == id || each.getValue().to() == id)
                each.getKey().close();
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

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        listening.forEach(BrokerLinks::closeQuietly);
        open.keySet().forEach(BrokerLinks::closeQuietly);
    }
}
