package dev.tidemark.broker;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.message.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A client's connection without a network: what the broker says to it is kept for the test to look at.
public final class TestConnection implements Connection {
    private final Loop loop;
    private @Nullable Object attachment;
    public final List<Response> replies = new ArrayList<>();
    public final List<String> closedBecause = new ArrayList<>();
    public int withoutReply;
    public int nextCalls;

    public TestConnection(Loop loop) {
        this.loop = loop;
    }

    /// A frame as a client would send it.
    public static ByteBuffer frame(Request request, short version) {
        return frame(request, version, "a client");
    }

    public static ByteBuffer frame(Request request, short version, String clientId) {
        Writer writer = new Writer();
        ApiKey api = request.apiKey();
        RequestHeader.builder()
                .requestApiKey(api.id())
                .requestApiVersion(version)
                .correlationId(7)
                .clientId(clientId)
                .build()
                .write(writer, api.requestHeaderVersion(version));
        request.write(writer, version);
        return writer.toBuffer();
    }

    public Exchange exchange(ByteBuffer frame) {
        return new TestExchange(frame);
    }

    public <T extends Response> T lastReply(Class<T> type) {
        return type.cast(replies.getLast());
    }

    @Override
    public String id() {
        return "test";
    }

    @Override
    public long number() {
        return 1;
    }

    @Override
    public InetSocketAddress peer() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);
    }

    @Override
    public String listener() {
        return "PLAINTEXT";
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean isOpen() {
        return closedBecause.isEmpty();
    }

    @Override
    public void close(String reason) {
        closedBecause.add(reason);
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public void attach(Object value) {
        attachment = value;
    }

    private final class TestExchange implements Exchange {
        private final ByteBuffer frame;

        TestExchange(ByteBuffer frame) {
            this.frame = frame;
        }

        @Override
        public Connection connection() {
            return TestConnection.this;
        }

        @Override
        public ByteBuffer frame() {
            return frame;
        }

        @Override
        public long receivedNs() {
            return 0;
        }

        @Override
        public void releaseFrame() {}

        @Override
        public void next() {
            nextCalls++;
        }

        @Override
        public void reply(ApiKey api, short version, int correlationId, Response response) {
            response.write(new Writer(), version); // As the network would: it must be writable in that version.
            replies.add(response);
        }

        @Override
        public void noReply() {
            withoutReply++;
        }

        @Override
        public void closeConnection(String reason) {
            closedBecause.add(reason);
        }
    }
}
