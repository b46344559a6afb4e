package dev.tidemark.compatibility.badinput;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// A socket that sends whatever it is told to. It comes from a loopback address of its own, by which the broker's log
/// lines about it can be told from others.
public final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 60_000;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    public RawClient(InetSocketAddress broker) throws IOException {
        this(broker, freshAddress(), 0);
    }

    RawClient(InetSocketAddress broker, InetAddress from, int receiveBufferBytes) throws IOException {
        socket = new Socket();
        if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(broker, TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    /// One of 127.0.0.0/8 that no test has used.
    static InetAddress freshAddress() throws IOException {
        int n = NEXT.incrementAndGet();
        return InetAddress.getByAddress(
                new byte[] {127, (byte) (1 + n / 62_500), (byte) (1 + n / 250 % 250), (byte) (1 + n % 250)});
    }

    String address() {
        return socket.getLocalAddress().getHostAddress();
    }

    RawClient send(byte[] bytes) throws IOException {
        try {
            out.write(bytes);
        } catch (SocketException closed) {
            // The broker may close before the last byte has left. What it thinks of it is read from its side.
        }
        return this;
    }

    /// A frame with its size in front.
    public RawClient frame(byte[] frame) throws IOException {
        return send(ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array());
    }

    /// The next reply without its size.
    public ByteBuffer receive() throws IOException {
        byte[] reply = new byte[in.readInt()];
        in.readFully(reply);
        return ByteBuffer.wrap(reply);
    }

    enum Outcome {
        ANSWERED,
        CLOSED,
        SILENT
    }

    /// What the broker does next; an answer is thrown away.
    Outcome outcome() throws IOException {
        try {
            receive();
            return Outcome.ANSWERED;
        } catch (SocketTimeoutException silent) {
            return Outcome.SILENT;
        } catch (IOException closed) {
            return Outcome.CLOSED;
        }
    }

    RawClient patience(int ms) throws IOException {
        socket.setSoTimeout(ms);
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
