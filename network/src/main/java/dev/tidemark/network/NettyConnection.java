package dev.tidemark.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.dispatch.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: the only handler of its channel. Frames come from the [FrameReader] and become exchanges in
/// a line; replies leave from the front of the line. The processor gets the next frame when it has said so for the one
/// before.
///
/// Reading stops ([ReadGate]) while too much is in process, no memory is left, or the client does not read its replies
/// ([ReplySender]).
///
/// Owner: its loop; what other threads may call is said in [Connection] and [NettyExchange].
final class NettyConnection extends ChannelInboundHandlerAdapter
        implements Connection, FrameReader.Sink, MemoryBudget.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

    /// So many replies may lie on the heap until the read that brought their requests is worked off.
    private static final int REPLIES_IN_HAND_MAX = 8;

    /// After a mistake, how long replies to earlier requests may still take.
    private static final long LAST_REPLIES_MS = 1_000;

    private final ServerShared shared;
    private final ServerLoop loop;
    private final String listener;
    private final String id;
    private final long number;
    private final InetSocketAddress peer;
    private final Channel channel;
    private final FrameReader reader;
    private final ReceiveHandle receive;
    private final UnreadOutput output;
    private final PeerWatch watch;
    private final ReadGate gate;
    private final ExchangeLine line = new ExchangeLine();
    private final ReplySender replies;

    private @Nullable Object attachment;
    private volatile boolean open = true;

    /// The one that has not said that the next may come.
    private @Nullable NettyExchange unfinished;

    private volatile long wantedBytes;
    /// The last in line, whose request has not been handed over because its reply may be large.
    private @Nullable NettyExchange held;

    private boolean reading;
    private boolean moving;
    private boolean sendsSoon;
    private boolean closesWhenIdle;
    private long readNs;

    NettyConnection(ServerShared shared, ServerLoop loop, String listener, Channel channel) {
        this.shared = shared;
        this.loop = loop;
        this.listener = listener;
        this.channel = channel;
        this.peer = (InetSocketAddress) channel.remoteAddress();
        this.number = channel.attr(Acceptor.NUMBER).get();
        this.id = ((InetSocketAddress) channel.localAddress()).getPort() + "-"
                + peer.getAddress().getHostAddress() + ":" + peer.getPort() + "-" + number;
        this.reader = new FrameReader(
                this, loop.memory(), shared.budget(), this, shared.config().requestBytesMax());
        this.receive = new ReceiveHandle(reader, channel.config());
        this.output = new UnreadOutput(channel, shared.budget());
        this.watch = new PeerWatch(shared.config(), System.nanoTime());
        this.gate = new ReadGate(channel.config());
        this.replies = new ReplySender(this, shared, loop, channel, line, output);
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
    public long number() {
        return number;
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
        replies.begin(added);
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
            if (exchange.isDone() && !replies.isWarming(exchange)) exchange.discard();
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
                && !gate.isShutFor(ReadGate.CLOSING | ReadGate.OUTPUT)
                && line.count() < shared.config().pipelinedRequestsMax()
                && (line.isEmpty() || line.frameBytes() < shared.config().pipelinedBytesMax());
    }

    @Override
    public void onFrame(FrameMemory memory, int from, int size) {
        // A large frame is never held back: memory would wait for memory.
        boolean isHeld = size <= NettyExchange.SMALL_REQUEST_BYTES
                && NettyExchange.mayBeLarge(memory.buffer().getShort(from), size)
                && !replies.hasMemoryForLarge();
        NettyExchange exchange = isHeld ? outliving(memory, from, size) : exchange(memory, from, size);
        line.join(exchange);
        unfinished = exchange;
        if (isHeld) held = exchange;
        else process(exchange);
        if (line.count() >= REPLIES_IN_HAND_MAX || line.holdsLargeReply()) replies.writeReady();
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
        if (waiting == null || !replies.hasMemoryForLarge()) return;
        held = null;
        process(waiting);
    }

    private void process(NettyExchange exchange) {
        try {
            shared.processor().onRequest(exchange);
        } catch (RuntimeException bug) {
            LOG.error("{}: a bug in the handling of a request: the connection is closed", id, bug);
            exchange.closeConnection(ReplySender.INTERNAL_ERROR);
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
        gate.shut(ReadGate.CLOSING);
        if (exchange != line.first())
            loop.loop().runAfter(LAST_REPLIES_MS, () -> closeNow(String.valueOf(exchange.closeReason())));
    }

    // --- replies

    /// Calls [#onTurn] when the loop has done what it is at.
    void sendSoon() {
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
        if (reader.hasStash()) gate.shut(ReadGate.STALLED);
        else gate.open(ReadGate.STALLED);
        if (closesWhenIdle && line.isEmpty()) replies.closeAfterOutput();
    }

    private void sendReplies() {
        replies.send();
        if (!open) return;
        if (channel.isWritable()) gate.open(ReadGate.OUTPUT);
        else gate.shut(ReadGate.OUTPUT);
    }

    // --- bounds

    @Override
    public void onMemoryWanted() {
        gate.shut(ReadGate.MEMORY);
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
            else if (grow()) gate.open(ReadGate.MEMORY);
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
        boolean owesBytes = !output.isEmpty() || (reader.hasPartial() && !gate.isShutFor(ReadGate.MEMORY));
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
        gate.shut(ReadGate.CLOSING);
        if (!reading && !moving) move();
    }

    void closeNow(String reason) {
        if (!open) return;
        // A bug has been logged where it showed.
        if (!reason.equals(ReplySender.INTERNAL_ERROR)) shared.peerLog().mistake(id, peer, reason, System.nanoTime());
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
