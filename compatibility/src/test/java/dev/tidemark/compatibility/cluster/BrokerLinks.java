package dev.tidemark.compatibility.cluster;

import dev.tidemark.bench.broker.FreePorts;
import dev.tidemark.bench.broker.Node;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The ways between brokers, each through a proxy of this process: a broker is told to others at its proxy's port, and
/// who comes is known by the client id of its first request. Clients and ZooKeeper go other ways.
///
/// Owner: the test's thread; a virtual thread accepts at each proxy.
final class BrokerLinks implements AutoCloseable {
    private static final Pattern CLIENT_ID = Pattern.compile("broker-(\\d+).*");
    private static final int CLIENT_ID_LENGTH_AT = 8; // After key, version and correlation id.

    private record Way(int from, int to) {}

    private final Ways<Way> ways = new Ways<>();
    private final List<ServerSocket> listening = new ArrayList<>();

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
        try {
            byte[] first = firstFrame(accepted.getInputStream());
            Way way = new Way(sender(first), to);
            ways.link(accepted, first, way, () -> new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException stranger) {
            Ways.closeQuietly(accepted);
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

    /// What one broker begins towards another gets nowhere, neither requests nor their replies; sockets stay open.
    void hold(int from, int to) {
        ways.hold(new Way(from, to));
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
        ways.reset(way -> way.from() == id || way.to() == id);
    }

    /// All ways lead on; what waited arrives late.
    void heal() {
        ways.heal();
    }

    @Override
    public void close() {
        ways.close();
        listening.forEach(Ways::closeQuietly);
    }
}
