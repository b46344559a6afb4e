package dev.tidemark.simulator.network;

import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request in its connection's line. When its frame is released the bytes are overwritten, as a pool would have
/// somebody else do: who reads them later reads nonsense.
final class ServerExchange implements Exchange {
    private static final byte REUSED = (byte) 0xA5;

    private final ServerConnection connection;
    private final ByteBuffer frame;
    private final long receivedNs;
    private boolean ended;
    private boolean released;
    private boolean gone;
    private @Nullable String closeReason;
    private @Nullable Response response;
    private @Nullable Supplier<? extends Response> lateResponse;
    private @Nullable ApiKey api;
    private short version;
    private int correlationId;

    ServerExchange(ServerConnection connection, byte[] frame, long receivedNs) {
        this.connection = connection;
        this.frame = ByteBuffer.allocateDirect(frame.length).put(frame).flip();
        this.receivedNs = receivedNs;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public ByteBuffer frame() {
        return frame;
    }

    @Override
    public long receivedNs() {
        return receivedNs;
    }

    @Override
    public void releaseFrame() {
        if (released) return;
        released = true;
        byte[] nonsense = new byte[frame.capacity()];
        Arrays.fill(nonsense, REUSED);
        frame.put(0, nonsense);
    }

    @Override
    public void next() {
        connection.onNext(this);
    }

    @Override
    public void reply(ApiKey newApi, short newVersion, int newCorrelationId, Response newResponse) {
        if (ended || gone) {
            Frames.discard(newVersion, newResponse);
            return;
        }
        api = newApi;
        version = newVersion;
        correlationId = newCorrelationId;
        response = connection.flawed().answered(newResponse);
        end();
    }

    @Override
    public void replyInTurn(
            ApiKey newApi, short newVersion, int newCorrelationId, Supplier<? extends Response> newResponse) {
        if (ended || gone) return;
        api = newApi;
        version = newVersion;
        correlationId = newCorrelationId;
        lateResponse = newResponse;
        end();
    }

    @Override
    public void noReply() {
        if (!ended) end();
    }

    @Override
    public void closeConnection(String reason) {
        if (ended) {
            connection.close(reason);
            return;
        }
        closeReason = reason;
        end();
    }

    private void end() {
        ended = true;
        releaseFrame();
        connection.onEnd(this);
    }

    boolean hasEnded() {
        return ended;
    }

    @Nullable
    String closeReason() {
        return closeReason;
    }

    /// The bytes of the reply; null where none is to be sent. A reply whose records cannot be read closes the
    /// connection.
    byte @Nullable [] reply() {
        Supplier<? extends Response> late = lateResponse;
        Response given = late == null ? response : late.get();
        ApiKey key = api;
        lateResponse = null;
        response = null;
        if (given == null || key == null) return null;
        try {
            return Frames.response(key, version, correlationId, given);
        } catch (IOException unreadable) {
            connection.close("the records of a reply cannot be read: " + unreadable);
            return null;
        }
    }

    /// The reply goes nowhere.
    void discard() {
        gone = true;
        releaseFrame();
        Response given = response;
        lateResponse = null;
        response = null;
        if (given != null) Frames.discard(version, given);
    }
}
