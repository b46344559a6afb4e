package dev.tidemark.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Connection;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.storage.segment.FileRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: the only handler of its channel. Frames come from the [FrameReader] and become exchanges in
/// a line; replies leave from the front of the line. The processor gets the next frame when it has said so for the one
/// before.
///
/// Reading stops while any of the reasons `MUTED_*` holds, so that a client can make the broker keep no more than
/// bounded memory: too much in process, no memory left, or replies that it does not read.
///
/// Owner: its loop; what other threads may call is said in [Connection] and [NettyExchange].
final class NettyConnection extends ChannelInboundHandlerAdapter
        implements Connection, FrameReader.Sink, MemoryBudget.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

    /// Frames that have been read wait for the line to get shorter.
    private static final int MUTED_STALLED = 1;
    /// A frame has begun for which there is no memory.
    private static final int MUTED_MEMORY = 2;
    /// The peer does not read its replies.
    private static final int MUTED_OUTPUT = 4;

    private static final int MUTED_CLOSING = 8;

    /// So many replies may lie on the heap until the read that brought their requests is worked off.
    private static final int REPLIES_IN_HAND_MAX = 8;

    private static final String INTERNAL_ERROR = "an internal error";

    /// After a mistake, how long replies to earlier requests may still take.
    private static final long LAST_REPLIES_MS = 1_000;
    private final ServerShared shared;
    private final ServerLoop loop;
    private final String listener;
    private final String id;
    private final InetSocketAddress peer;
    private final Channel channel;
    private final FrameReader reader;
    private final ReceiveHandle receive;
    private final UnreadOutput output;
    private final PeerWatch watch;

    private @Nullable ChannelHandlerContext context;
    private @Nullable Object attachment;
    private volatile boolean open = true;

    private final OutputWaiter outputWaiter = new OutputWaiter();
    private final ExchangeLine line = new ExchangeLine();
    /// The one that has not said that the next may come.
    private @Nullable NettyExchange unfinished;

    private volatile long wantedBytes;
    /// Records sent lately came from the disk.
    private boolean isCold;
    /// The first in line, while its records are read.
    private @Nullable NettyExchange warming;

    /// Written to the channel, and not flushed.
    private boolean isUnflushed;

    private long unflushedRecordBytes;
    private long writeNs;
    /// No large reply may be made or sent until others have read theirs.
    private boolean waitsForOutput;
    /// The last in line, whose request has not been handed over because its reply may be large.
    private @Nullable NettyExchange held;

    private int muted;
    private boolean reading;
    private boolean moving;
    private boolean sendsSoon;
    private boolean closesWhenIdle;
    private long readNs;

    NettyConnection(ServerShared shared, ServerLoop loop, String listener, String id, Channel channel) {
        this.shared = shared;
        this.loop = loop;
        this.listener = listener;
        this.id = id;
        this.channel = channel;
        this.peer = (InetSocketAddress) channel.remoteAddress();
        this.reader = new FrameReader(
                this, loop.memory(), shared.budget(), this, shared.config().requestBytesMax());
        this.receive = new ReceiveHandle(reader, channel.config());
        this.output = new UnreadOutput(channel, shared.budget());
        this.watch = new PeerWatch(shared.config(), System.nanoTime());
    }

    ReceiveHandle receive() {
        return receive;
    }

    // --- what others ask and say

    @Override
    public String id() {
        return id;
    }

    @Override
    public InetSocketAddress peer() {
        return peer;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public Loop loop() {
        return loop.loop();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public void attach(Object value) {
        attachment = value;
    }

    @Override
    public void close(String reason) {
        if (isOnLoop()) closeNow(reason);
        else runOnLoop(() -> closeNow(reason));
    }

    boolean isOnLoop() {
        return loop.loop().isCurrent();
    }

    /// @return whether the loop takes it; it does not when the process ends
    boolean runOnLoop(Runnable task) {
        try {
            loop.loop().run(task);
            return true;
        } catch (RejectedExecutionException shutDown) {
            return false;
        }
    }

    // --- the channel's events

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        loop.add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        reading = true;
        readNs = System.nanoTime();
        reader.onRead((ByteBuf) message, receive.lastBytesRead());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        reading = false;
        move();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (!open) return;
        output.count();
        if (channel.isWritable() && !moving && !reading) sendSoon();
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        if (!open) return;
        open = false;
        reader.close();
        loop.remove(this);
        output.forget();
        if (held != null) held.discard();
        held = null;
        NettyExchange exchange = line.clear();
        while (exchange != null) {
            if (exchange.isDone() && exchange != warming) exchange.discard();
            exchange = exchange.following;
        }
        shared.processor().onDisconnected(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (cause instanceof OutOfMemoryError none) onOutOfDirectMemory(none);
        else if (cause instanceof IOException) LOG.debug("{}: {}", id, cause.toString());
        else LOG.error("{}: a bug in the network: the connection is closed", id, cause);
        abort();
    }

    /// On the heap it would have ended the process (`-XX:+ExitOnOutOfMemoryError`). This ends one connection.
    private void onOutOfDirectMemory(OutOfMemoryError none) {
        LOG.warn("{}: closed, because there is no direct memory for it: {}", id, none.getMessage());
        abort();
    }

    // --- frames

    @Override
    public boolean wantsFrame() {
        return open
                && unfinished == null
                && channel.isWritable()
                && !line.holdsLargeReply()
                && (muted & (MUTED_CLOSING | MUTED_OUTPUT)) == 0
                && line.count() < shared.config().pipelinedRequestsMax()
                && (line.isEmpty() || line.frameBytes() < shared.config().pipelinedBytesMax());
    }

    @Override
    public void onFrame(FrameMemory memory, int from, int size) {
        // A large frame is never held back: memory would wait for memory.
        boolean isHeld = size <= NettyExchange.SMALL_REQUEST_BYTES
                && NettyExchange.mayBeLarge(memory.buffer().getShort(from), size)
                && !hasMemoryForLarge();
        NettyExchange exchange = isHeld ? outliving(memory, from, size) : exchange(memory, from, size);
        line.join(exchange);
        unfinished = exchange;
        if (isHeld) held = exchange;
        else process(exchange);
        if (line.count() >= REPLIES_IN_HAND_MAX || line.holdsLargeReply()) writeReady();
    }

    private NettyExchange exchange(FrameMemory memory, int from, int size) {
        memory.retain();
        return new NettyExchange(this, memory, from, size, readNs);
    }

    /// An exchange that is to wait, and does not keep all of the loop's shared memory for a small frame.
    private NettyExchange outliving(FrameMemory memory, int from, int size) {
        FrameMemory own = loop.memory().allocate(size).count();
        own.buffer().writeBytes(memory.buffer(), from, size);
        return new NettyExchange(this, own, 0, size, readNs);
    }

    private void processHeld() {
        NettyExchange waiting = held;
        if (waiting == null || !hasMemoryForLarge()) return;
        held = null;
        process(waiting);
    }

    private void process(NettyExchange exchange) {
        try {
            shared.processor().onRequest(exchange);
        } catch (RuntimeException bug) {
            LOG.error("{}: a bug in the handling of a request: the connection is closed", id, bug);
            exchange.closeConnection(INTERNAL_ERROR);
        }
    }

    @Override
    public void onMalformed(String what) {
        NettyExchange end = NettyExchange.closing(this, what);
        line.join(end);
        onEnd(end);
    }

    /// The processor can take the frame after that of `exchange`.
    void onNext(NettyExchange exchange) {
        if (unfinished != exchange) return;
        unfinished = null;
        if (reader.hasStash()) sendSoon();
    }

    /// `exchange` has ended, and its reply may leave when it is its turn.
    void onEnd(NettyExchange exchange) {
        if (!open) {
            exchange.discard();
            return;
        }
        if (unfinished == exchange) unfinished = null;
        line.onEnd(exchange);
        if (exchange.closeReason() != null) endsAt(exchange);
        if (exchange == line.first() || reader.hasStash()) sendSoon();
    }

    /// Nothing behind `exchange` will be answered; what is before it gets a little time.
    private void endsAt(NettyExchange exchange) {
        mute(MUTED_CLOSING);
        if (exchange != line.first())
            loop.loop().runAfter(LAST_REPLIES_MS, () -> closeNow(String.valueOf(exchange.closeReason())));
    }

    // --- replies

    /// Calls [#onTurn] when the loop has done what it is at.
    private void sendSoon() {
        if (reading || moving || sendsSoon) return;
        sendsSoon = true;
        loop.sendSoon(this);
    }

    void onTurn() {
        sendsSoon = false;
        readNs = System.nanoTime();
        try {
            move();
        } catch (OutOfMemoryError none) {
            onOutOfDirectMemory(none);
        } catch (RuntimeException bug) { // The loop has other connections to send for.
            LOG.error("{}: a bug in the network: the connection is closed", id, bug);
            abort();
        }
    }

    /// Sends what can be sent, and hands over what was stashed, until neither goes on.
    private void move() {
        if (!open || moving) return;
        moving = true;
        try {
            do {
                processHeld();
                sendReplies();
                if (!reader.hasStash() || !wantsFrame()) break;
                reader.resume();
            } while (open);
        } finally {
            moving = false;
        }
        if (!open) return;
        if (reader.hasStash()) mute(MUTED_STALLED);
        else unmute(MUTED_STALLED);
        if (closesWhenIdle && line.isEmpty()) closeAfterOutput();
    }

    /// Sends from the front of the line until a reply is missing or the peer takes no more.
    private void sendReplies() {
        ChannelHandlerContext target = context;
        if (target != null && isUnflushed) flush(target);
        while (target != null && open && channel.isWritable() && isFirstSendable()) {
            writeBatch(target);
            if (open) flush(target);
        }
        if (!open) return;
        if (channel.isWritable()) unmute(MUTED_OUTPUT);
        else mute(MUTED_OUTPUT);
    }

    private boolean isFirstSendable() {
        NettyExchange first = line.first();
        return first != null && isSendable(first);
    }

    /// Holds a reply back until its records have been read, where those before came from the disk.
    private boolean isSendable(NettyExchange exchange) {
        if (!exchange.isDone() || warming == exchange) return false;
        if (exchange.mayBeLarge() && !hasMemoryForLarge()) return false;
        Response response = exchange.response();
        if (!isCold || response == null || exchange.isWarm()) return true;
        List<FileRecords> records = ColdReads.recordsOf(response);
        if (records.isEmpty()) return true;
        warming = exchange;
        shared.coldReads().read(records, wereCold -> runOnLoop(() -> onWarm(exchange, wereCold)));
        return false;
    }

    /// If not, the connection is told when there is. Asked before a request is handed over as well as before its
    /// reply is encoded: the reply would take memory on the heap until then.
    private boolean hasMemoryForLarge() {
        if (waitsForOutput) return false;
        if (!shared.budget().isUsedUp()) return true;
        waitsForOutput = true;
        shared.budget().awaitForReply(outputWaiter);
        return false;
    }

    /// Waits in line for memory for a reply, as the connection itself does for a frame.
    private final class OutputWaiter implements MemoryBudget.Waiter {
        @Override
        public long wantedBytes() {
            return 0;
        }

        @Override
        public void onMemory() {
            runOnLoop(() -> {
                waitsForOutput = false;
                if (open) sendSoon();
                // Nobody would be told if this one gives nothing back in the end.
                if (!shared.budget().isUsedUp()) shared.budget().wakeForReplies(1);
            });
        }
    }

    private void onWarm(NettyExchange exchange, boolean wereCold) {
        warming = null;
        isCold = wereCold;
        exchange.warmed();
        if (open) sendSoon();
        else exchange.discard();
    }

    private void noteRecords(long bytes, long tookNs) {
        if (bytes > 0 && ColdReads.isSlow(bytes, tookNs)) isCold = true;
    }

    /// Writes what is ready, to be flushed with what follows.
    private void writeReady() {
        ChannelHandlerContext target = context;
        if (target != null && open && channel.isWritable() && isFirstSendable()) writeBatch(target);
    }

    private void writeBatch(ChannelHandlerContext target) {
        ReplyWriter writer = loop.replies();
        writer.begin(target, shared.budget().isHalfUsed());
        String closeReason = null;
        long beganNs = System.nanoTime();
        NettyExchange exchange = line.first();
        while (exchange != null && closeReason == null && channel.isWritable() && isSendable(exchange)) {
            line.leave(exchange);
            closeReason = exchange.closeReason();
            if (closeReason == null && !write(exchange, writer)) closeReason = INTERNAL_ERROR;
            exchange = line.first();
        }
        writer.end();
        isUnflushed = true;
        unflushedRecordBytes += writer.recordBytes();
        writeNs += System.nanoTime() - beganNs;
        if (closeReason == null) return;
        target.flush();
        closeNow(closeReason);
    }

    private void flush(ChannelHandlerContext target) {
        isUnflushed = false;
        long beganNs = System.nanoTime();
        target.flush();
        noteRecords(unflushedRecordBytes, writeNs + System.nanoTime() - beganNs);
        unflushedRecordBytes = 0;
        writeNs = 0;
        if (open) output.count();
    }

    /// @return whether the connection can go on
    private boolean write(NettyExchange exchange, ReplyWriter writer) {
        try {
            exchange.writeTo(writer);
            return true;
        } catch (UncheckedIOException failure) {
            LOG.error("{}: records could not be read for a reply: {}", id, failure.getMessage());
        } catch (OutOfDirectMemory none) {
            LOG.warn("{}: closed, because there is no direct memory for its reply: {}", id, none.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("{}: a bug in the writing of a reply: the connection is closed", id, bug);
        }
        return false;
    }

    // --- bounds

    private void mute(int reason) {
        if (muted == 0) channel.config().setAutoRead(false);
        muted |= reason;
    }

    private void unmute(int reason) {
        if ((muted & reason) == 0) return;
        muted &= ~reason;
        if (muted == 0) channel.config().setAutoRead(true);
    }

    @Override
    public void onMemoryWanted() {
        mute(MUTED_MEMORY);
        wantedBytes = reader.grownBytes();
        shared.budget().await(this);
    }

    @Override
    public long wantedBytes() {
        return wantedBytes;
    }

    @Override
    public void onMemory() {
        runOnLoop(() -> {
            if (!open) shared.budget().wakeFirst();
            else if (grow()) unmute(MUTED_MEMORY);
            else shared.budget().await(this);
        });
    }

    private boolean grow() {
        try {
            return reader.grow();
        } catch (OutOfMemoryError none) {
            onOutOfDirectMemory(none);
            return true;
        }
    }

    /// To be called from time to time.
    void onLook(long nowNs) {
        if (!open) return;
        output.count();
        boolean owesBytes = !output.isEmpty() || (reader.hasPartial() && (muted & MUTED_MEMORY) == 0);
        boolean isOwedReplies = !line.isEmpty() && output.isEmpty();
        switch (watch.look(
                nowNs,
                reader,
                output.mark(),
                owesBytes,
                isOwedReplies,
                shared.budget().isShort())) {
            case FINE -> {}
            case STALLED -> closeNow("it held memory that others wait for, and did not move");
            case IDLE -> {
                LOG.debug("{}: idle for too long", id);
                abort();
            }
        }
    }

    // --- the end

    /// Hands over no more frames, and closes when the last reply has left.
    void closeWhenIdle() {
        if (!open) return;
        closesWhenIdle = true;
        mute(MUTED_CLOSING);
        if (!reading && !moving) move();
    }

    private void closeAfterOutput() {
        ChannelHandlerContext target = context;
        if (target != null) target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void closeNow(String reason) {
        if (!open) return;
        // A bug has been logged where it showed.
        if (!reason.equals(INTERNAL_ERROR)) shared.peerLog().mistake(id, peer, reason, System.nanoTime());
        abort();
    }

    /// Without a word.
    void abort() {
        var _ = channel.close();
    }

    @Override
    public String toString() {
        return id;
    }
}
