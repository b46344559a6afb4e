package dev.tidemark.network;

import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Response;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request in its connection's line. Its end may come from any thread, and is told to the connection's loop; an end
/// after the first changes nothing, because a handler that fails after it has answered must do no harm.
///
/// Owner: the connection's loop, but for what the interface says of other threads.
final class NettyExchange implements Exchange, Runnable {
    private static final AtomicReferenceFieldUpdater<NettyExchange, @Nullable FrameMemory> MEMORY =
            AtomicReferenceFieldUpdater.newUpdater(NettyExchange.class, FrameMemory.class, "memory");
    private static final AtomicIntegerFieldUpdater<NettyExchange> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(NettyExchange.class, "ended");

    /// Whose replies are as small as the requests: they are asked for a few things by name, and records stay in files.
    private static final Set<ApiKey> SMALL = EnumSet.of(
            ApiKey.PRODUCE,
            ApiKey.FETCH,
            ApiKey.API_VERSIONS,
            ApiKey.HEARTBEAT,
            ApiKey.CONSUMER_GROUP_HEARTBEAT,
            ApiKey.OFFSET_COMMIT,
            ApiKey.FIND_COORDINATOR,
            ApiKey.INIT_PRODUCER_ID,
            ApiKey.LIST_OFFSETS);
    private static final BitSet SMALL_IDS = new BitSet();
    static final int SMALL_REQUEST_BYTES = 32 << 10;
    private static final ByteBuffer NO_FRAME = ByteBuffer.allocate(0);

    static {
        for (ApiKey api : SMALL) SMALL_IDS.set(api.id());
    }

    private final NettyConnection connection;
    private final ByteBuffer frame;
    private final int frameBytes;
    private final long receivedNs;
    private final boolean mayBeLarge;
    private volatile @Nullable FrameMemory memory;
    private volatile int ended;

    /// The next one in line; the loop's.
    @Nullable
    NettyExchange following;

    /// The end has reached the loop.
    private boolean done;

    private boolean warm;

    private @Nullable Response response;
    private @Nullable Supplier<? extends Response> lateResponse;
    private @Nullable ApiKey api;
    private short version;
    private int correlationId;
    private @Nullable String closeReason;

    /// Takes over one hold of `memory`.
    NettyExchange(NettyConnection connection, FrameMemory memory, int from, int size, long receivedNs) {
        this.connection = connection;
        this.memory = memory;
        this.frame = memory.view(from, size);
        this.frameBytes = size;
        this.receivedNs = receivedNs;
        this.mayBeLarge = mayBeLarge(frame.getShort(0), size);
    }

    private NettyExchange(NettyConnection connection, String closeReason) {
        this.connection = connection;
        this.frame = NO_FRAME;
        this.frameBytes = 0;
        this.receivedNs = 0;
        this.mayBeLarge = false;
        this.closeReason = closeReason;
        this.ended = 1;
        this.done = true;
    }

    /// Stands in line for bytes that were no frame: its turn closes the connection.
    static NettyExchange closing(NettyConnection connection, String reason) {
        return new NettyExchange(connection, reason);
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
        FrameMemory held = MEMORY.getAndSet(this, null);
        if (held != null) held.release();
    }

    @Override
    public void next() {
        if (connection.isOnLoop()) connection.onNext(this);
        else connection.runOnLoop(() -> connection.onNext(this));
    }

    @Override
    public void reply(ApiKey api, short version, int correlationId, Response response) {
        if (!ENDED.compareAndSet(this, 0, 1)) {
            ReplyWriter.discard(api, version, response);
            return;
        }
        this.api = api;
        this.version = version;
        this.correlationId = correlationId;
        this.response = response;
        tellEnd();
    }

    @Override
    public void replyInTurn(ApiKey api, short version, int correlationId, Supplier<? extends Response> response) {
        if (!ENDED.compareAndSet(this, 0, 1)) return;
        this.api = api;
        this.version = version;
        this.correlationId = correlationId;
        this.lateResponse = response;
        tellEnd();
    }

    @Override
    public void noReply() {
        if (ENDED.compareAndSet(this, 0, 1)) tellEnd();
    }

    @Override
    public void closeConnection(String reason) {
        if (ENDED.compareAndSet(this, 0, 1)) {
            closeReason = reason;
            tellEnd();
        } else {
            connection.close(reason);
        }
    }

    private void tellEnd() {
        if (connection.isOnLoop()) run();
        else if (!connection.runOnLoop(this)) discard();
    }

    /// The end, on the loop.
    @Override
    public void run() {
        done = true;
        releaseFrame();
        connection.onEnd(this);
    }

    boolean isDone() {
        return done;
    }

    int frameBytes() {
        return frameBytes;
    }

    @Nullable
    String closeReason() {
        return closeReason;
    }

    @Nullable
    Response response() {
        return response;
    }

    /// Whether the reply can hold much memory when nobody reads it. Those of the data path do not: records in files
    /// stay there.
    boolean mayBeLarge() {
        return mayBeLarge;
    }

    /// The same of a request of `size` bytes that has not been made an exchange.
    static boolean mayBeLarge(int apiId, int size) {
        if (apiId < 0 || !SMALL_IDS.get(apiId)) return true;
        return size > SMALL_REQUEST_BYTES && apiId != ApiKey.PRODUCE.id();
    }

    /// Whether the reply has been held back once for its records.
    boolean isWarm() {
        return warm;
    }

    void warmed() {
        warm = true;
    }

    /// Writes the reply, if there is one.
    void writeTo(ReplyWriter writer) {
        Supplier<? extends Response> late = lateResponse;
        Response given = late == null ? response : late.get();
        ApiKey key = api;
        if (given == null || key == null) return;
        response = null;
        lateResponse = null;
        writer.write(key, version, correlationId, given);
    }

    /// The reply goes nowhere.
    void discard() {
        releaseFrame();
        Response given = response;
        ApiKey key = api;
        response = null;
        if (given != null && key != null) ReplyWriter.discard(key, version, given);
    }
}
