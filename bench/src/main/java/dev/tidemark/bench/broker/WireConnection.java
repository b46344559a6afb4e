package dev.tidemark.bench.broker;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/// One blocking connection that sends one request at a time: what Kafka's clients would send, without what they add
/// around it. Requests and responses are kafka-clients' own classes.
public final class WireConnection implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int correlationId;

    public WireConnection(Node node, int timeoutMs) throws IOException {
        socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMs);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()), timeoutMs);
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /// @param type the response that the request must get
    public <T extends AbstractResponse> T ask(AbstractRequest request, Class<T> type) throws IOException {
        RequestHeader header = new RequestHeader(request.apiKey(), request.version(), "bench", correlationId++);
        ByteBuffer body = request.serializeWithHeader(header);
        ByteBuffer frame = ByteBuffer.allocate(4 + body.remaining());
        frame.putInt(body.remaining()).put(body);
        out.write(frame.array());
        out.flush();
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return type.cast(AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
