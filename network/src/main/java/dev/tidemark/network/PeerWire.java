package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;

/// The bytes of one connection to another broker: the only handler of its channel. Cuts replies out of what comes, and
/// reads no more while there is no memory for them.
///
/// Owner: the loop. Life cycle: with the channel.
final class PeerWire extends ChannelInboundHandlerAdapter implements FrameReader.Sink, MemoryBudget.Waiter {
    /// What becomes of the replies.
    interface Sink {
        /// A reply lies at `from` in `memory`; retained if it is needed for longer than this call.
        void onReply(FrameMemory memory, int from, int size);

        /// Nothing comes any more. May be told more than once.
        void onBroken(String why);
    }

    private final Sink sink;
    private final PeerLoop loop;
    private final Channel channel;
    private final FrameReader reader;
    private final ReceiveHandle receive;
    private volatile long wantedBytes;
    private boolean open = true;

    PeerWire(Sink sink, PeerLoop loop, Channel channel, int replyBytesMax) {
        this.sink = sink;
        this.loop = loop;
        this.channel = channel;
        this.reader = new FrameReader(this, loop.memory(), loop.budget(), this, replyBytesMax);
        this.receive = new ReceiveHandle(reader, channel.config());
        loop.onWireMade();
    }

    ReceiveHandle receive() {
        return receive;
    }

    /// Sends one request, size first.
    void write(ByteBuffer request) {
        ByteBuf copy = loop.memory().allocator().directBuffer(request.remaining());
        copy.writeBytes(request);
        var _ = channel.writeAndFlush(copy, channel.voidPromise());
    }

    void close() {
        var _ = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        reader.onRead((ByteBuf) message, receive.lastBytesRead());
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext from) {
        if (!open) return;
        open = false;
        reader.close();
        loop.onWireGone();
        sink.onBroken("the peer ended the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        sink.onBroken(String.valueOf(cause.getMessage()));
        close();
    }

    @Override
    public boolean wantsFrame() {
        return open;
    }

    @Override
    public void onFrame(FrameMemory memory, int from, int size) {
        sink.onReply(memory, from, size);
    }

    @Override
    public void onMalformed(String what) {
        sink.onBroken(what);
        close();
    }

    @Override
    public void onMemoryWanted() {
        channel.config().setAutoRead(false);
        wantedBytes = reader.grownBytes();
        loop.budget().await(this);
    }

    @Override
    public long wantedBytes() {
        return wantedBytes;
    }

    @Override
    public void onMemory() {
        try {
            loop.loop().run(this::goOn);
        } catch (RejectedExecutionException shutDown) {
            loop.budget().wakeFirst();
        }
    }

    private void goOn() {
        if (!open) loop.budget().wakeFirst();
        else if (reader.grow()) channel.config().setAutoRead(true);
        else loop.budget().await(this);
    }
}
