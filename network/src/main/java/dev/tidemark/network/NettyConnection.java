package dev.tidemark.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
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

    private static final String INTERNAL_ERROR = "an internal error";

    /// After a mistake, how long replies to earlier requests may still take.
    private static final long LAST_REPLIES_MS = 1_000;
    /// While memory is short, a frame that moves slower than this, per allowed stall, has stalled.
    private static final long PROGRESS_BYTES_MIN = 16 << 10;
    /// So much of a frame that has begun counts as activity.
    private static final long ACTIVE_BYTES_MIN = 64 << 10;

    private final ServerShared shared;
    private final ServerLoop loop;
    private final String listener;
    private final String id;
    private final InetSocketAddress peer;
    private final Channel channel;
    private final FrameReader reader;
    private final ReceiveHandle receive;

    private @Nullable ChannelHandlerContext context;
    private @Nullable Object attachment;
    private volatile boolean open = true;

    private @Nullable NettyExchange first;
    private @Nullable NettyExchange last;
    private int inLine;
    private long bytesInLine;
    /// The one that has not said that the next may come.
    private @Nullable NettyExchange unfinished;

    private volatile long wantedBytes;
    private int muted;
    private boolean reading;
    private boolean moving;
    private boolean sendsSoon;
    private boolean closesWhenIdle;
    private long readNs;
    private long countedOutputBytes;

    // What the last look found.
    private long seenFrames;
    private long seenBytes;
    private long seenOutput;
    private long activeBytes;
    private long activeNs;
    private long movedNs;

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
        this.activeNs = System.nanoTime();
        this.movedNs = activeNs;
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
        countOutput();
        if (channel.isWritable() && !moving && !reading) sendSoon();
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        if (!open) return;
        open = false;
        reader.close();
        loop.remove(this);
        if (countedOutputBytes > 0) shared.budget().giveBack(countedOutputBytes);
        countedOutputBytes = 0;
        NettyExchange exchange = first;
        first = null;
        last = null;
        while (exchange != null) {
            if (exchange.isDone()) exchange.discard();
            exchange = exchange.following;
        }
        shared.processor().onDisconnected(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (cause instanceof IOException) LOG.debug("{}: {}", id, cause.toString());
        else LOG.error("{}: a bug in the network: the connection is closed", id, cause);
        abort();
    }

    // --- frames

    @Override
    public boolean wantsFrame() {
        return open
                && unfinished == null
                && (muted & (MUTED_CLOSING | MUTED_OUTPUT)) == 0
                && inLine < shared.config().pipelinedRequestsMax()
                && (inLine == 0 || bytesInLine < shared.config().pipelinedBytesMax());
    }

    @Override
    public void onFrame(FrameMemory memory, int from, int size) {
        memory.retain();
        NettyExchange exchange = new NettyExchange(this, memory, from, size, readNs);
        join(exchange);
        unfinished = exchange;
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
        join(end);
        onEnd(end);
    }

    private void join(NettyExchange exchange) {
        NettyExchange before = last;
        if (before == null) first = exchange;
        else before.following = exchange;
        last = exchange;
        inLine++;
        bytesInLine += exchange.frameBytes();
    }

    private void leaveFirst(NettyExchange exchange) {
        first = exchange.following;
        if (first == null) last = null;
        inLine--;
        bytesInLine -= exchange.frameBytes();
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
        if (exchange.closeReason() != null) endsAt(exchange);
        if (exchange == first || reader.hasStash()) sendSoon();
    }

    /// Nothing behind `exchange` will be answered; what is before it gets a little time.
    private void endsAt(NettyExchange exchange) {
        mute(MUTED_CLOSING);
        if (exchange != first)
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
        move();
    }

    /// Sends what can be sent, and hands over what was stashed, until neither goes on.
    private void move() {
        if (!open || moving) return;
        moving = true;
        try {
            do {
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
        if (closesWhenIdle && first == null) closeAfterOutput();
    }

    /// Sends from the front of the line until a reply is missing or the peer takes no more.
    private void sendReplies() {
        ChannelHandlerContext target = context;
        while (target != null && open && channel.isWritable() && isFirstDone()) sendBatch(target);
        if (!open) return;
        if (channel.isWritable()) unmute(MUTED_OUTPUT);
        else mute(MUTED_OUTPUT);
    }

    private boolean isFirstDone() {
        return first != null && first.isDone();
    }

    private void sendBatch(ChannelHandlerContext target) {
        ReplyWriter writer = loop.replies();
        writer.begin(target);
        String closeReason = null;
        NettyExchange exchange = first;
        while (exchange != null && exchange.isDone() && closeReason == null && channel.isWritable()) {
            leaveFirst(exchange);
            closeReason = exchange.closeReason();
            if (closeReason == null && !write(exchange, writer)) closeReason = INTERNAL_ERROR;
            exchange = first;
        }
        writer.end();
        target.flush();
        if (closeReason != null) closeNow(closeReason);
        else if (open) countOutput();
    }

    /// @return whether the connection can go on
    private boolean write(NettyExchange exchange, ReplyWriter writer) {
        try {
            exchange.writeTo(writer);
            return true;
        } catch (UncheckedIOException failure) {
            LOG.error("{}: records could not be read for a reply: {}", id, failure.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("{}: a bug in the writing of a reply: the connection is closed", id, bug);
        }
        return false;
    }

    /// Charges the budget for replies that the peer has not read.
    private void countOutput() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long pending = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        long counts = pending == 0 ? 0 : pending + ReplyWriter.SCRATCH_BYTES;
        if (counts == countedOutputBytes) return;
        if (counts > countedOutputBytes) shared.budget().take(counts - countedOutputBytes);
        else shared.budget().giveBack(countedOutputBytes - counts);
        countedOutputBytes = counts;
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
            else if (reader.grow()) {
                movedNs = System.nanoTime();
                unmute(MUTED_MEMORY);
            } else shared.budget().await(this);
        });
    }

    /// Looks from time to time for peers that are gone, asleep, or hold memory that others need.
    void onLook(long nowNs) {
        if (!open) return;
        countOutput();
        long output = outputMark();
        long bytes = reader.bytesRead();
        boolean progress = output != seenOutput || bytes - seenBytes >= PROGRESS_BYTES_MIN;
        if (output != seenOutput || reader.framesRead() != seenFrames || bytes - activeBytes >= ACTIVE_BYTES_MIN) {
            activeNs = nowNs;
            activeBytes = bytes;
        }
        boolean waitsForPeer = countedOutputBytes > 0 || (reader.hasPartial() && (muted & MUTED_MEMORY) == 0);
        if (progress || !waitsForPeer || !shared.budget().isShort()) {
            movedNs = nowNs;
            seenBytes = bytes;
        }
        seenOutput = output;
        seenFrames = reader.framesRead();
        if (nowNs - movedNs >= shared.config().stalledFrameMs() * 1_000_000L) {
            closeNow("it held memory that others wait for, and did not move");
        } else if (isIdleSince(nowNs)) {
            LOG.debug("{}: idle for too long", id);
            abort();
        }
    }

    private boolean isIdleSince(long nowNs) {
        long idleMs = shared.config().connectionsMaxIdleMs();
        boolean owed = first != null && countedOutputBytes == 0;
        return idleMs >= 0 && !owed && nowNs - activeNs >= idleMs * 1_000_000L;
    }

    /// Changes whenever the peer takes bytes.
    private long outputMark() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null || buffer.isEmpty()) return 0;
        long mark = 31L * buffer.totalPendingWriteBytes() + buffer.size();
        return buffer.current() instanceof FileRegion region ? 31 * mark + region.transferred() : mark;
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
        shared.peerLog().mistake(id, peer, reason, System.nanoTime());
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
