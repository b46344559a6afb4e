package dev.tidemark.network;

import dev.tidemark.protocol.ApiKey;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/// A blocking socket that speaks in frames. A frame is api key, version, correlation id, and a filling.
final class Client implements AutoCloseable {
    private static final int TIMEOUT_MS = 60_000;

    final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    Client(int port) throws IOException {
        this(port, 0);
    }

    Client(int port, int receiveBufferBytes) throws IOException {
        socket = new Socket();
        if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    /// A whole request, size first: `fill` bytes behind the fixed header, each the low byte of the correlation id.
    static byte[] request(int correlationId, int fill) {
        return request(ApiKey.HEARTBEAT, correlationId, fill);
    }

    static byte[] request(ApiKey api, int correlationId, int fill) {
        ByteBuffer frame = ByteBuffer.allocate(4 + 8 + fill);
        frame.putInt(8 + fill).putShort(api.id()).putShort((short) 0).putInt(correlationId);
        while (frame.hasRemaining()) frame.put((byte) correlationId);
        return frame.array();
    }

    Client send(byte... bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    Client send(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
        return this;
    }

    /// In one write: the server cannot close in between, however slow this machine is.
    Client sendTogether(int count, IntFunction<byte[]> request) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) all.writeBytes(request.apply(i));
        return send(all.toByteArray());
    }

    /// The next reply without its size.
    ByteBuffer receive() throws IOException {
        byte[] reply = new byte[in.readInt()];
        in.readFully(reply);
        return ByteBuffer.wrap(reply);
    }

    void receiveSome(int bytes) throws IOException {
        in.readFully(new byte[bytes]);
    }

    /// Whether the server has closed, with nothing more to read.
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
