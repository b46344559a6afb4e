package dev.tidemark.network;

import dev.tidemark.protocol.message.Response;
import dev.tidemark.storage.segment.FileRecords;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends a connection's replies from the front of its line, as far as the peer takes them, there is memory for them,
/// and their records are in the page cache. Owner: the connection's loop.
final class ReplySender {
    private static final Logger LOG = LoggerFactory.getLogger(ReplySender.class);

    static final String INTERNAL_ERROR = "an internal error";

    private final NettyConnection connection;
    private final ServerShared shared;
    private final ServerLoop loop;
    private final Channel channel;
    private final ExchangeLine line;
    private final UnreadOutput output;
    private final OutputWaiter outputWaiter = new OutputWaiter();

    /// Null until the connection is in its channel.
    private @Nullable ChannelHandlerContext context;

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

    ReplySender(
            NettyConnection connection,
            ServerShared shared,
            ServerLoop loop,
            Channel channel,
            ExchangeLine line,
            UnreadOutput output) {
        this.connection = connection;
        this.shared = shared;
        this.loop = loop;
        this.channel = channel;
        this.line = line;
        this.output = output;
    }

    void begin(ChannelHandlerContext added) {
        context = added;
    }

    /// Sends from the front of the line until a reply is missing or the peer takes no more.
    void send() {
        ChannelHandlerContext target = context;
        if (target != null && isUnflushed) flush(target);
        while (target != null && connection.isOpen() && channel.isWritable() && isFirstSendable()) {
            writeBatch(target);
            if (connection.isOpen()) flush(target);
        }
    }

    /// Writes what is ready, to be flushed with what follows.
    void writeReady() {
        ChannelHandlerContext target = context;
        if (target != null && connection.isOpen() && channel.isWritable() && isFirstSendable()) writeBatch(target);
    }

    /// Closes the channel when what was written has left.
    void closeAfterOutput() {
        ChannelHandlerContext target = context;
        if (target != null) target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /// Whether the exchange's records are being read, so that it ends after that.
    boolean isWarming(NettyExchange exchange) {
        return warming == exchange;
    }

    // --- what may be sent

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
        shared.coldReads().read(records, wereCold -> connection.runOnLoop(() -> onWarm(exchange, wereCold)));
        return false;
    }

    private void onWarm(NettyExchange exchange, boolean wereCold) {
        warming = null;
        isCold = wereCold;
        exchange.warmed();
        if (connection.isOpen()) connection.sendSoon();
        else exchange.discard();
    }

    /// If not, the connection is told when there is. Asked before a request is handed over as well as before its
    /// reply is encoded: the reply would take memory on the heap until then.
    boolean hasMemoryForLarge() {
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
            connection.runOnLoop(() -> {
                waitsForOutput = false;
                if (connection.isOpen()) connection.sendSoon();
                // Nobody would be told if this one gives nothing back in the end.
                if (!shared.budget().isUsedUp()) shared.budget().wakeForReplies(1);
            });
        }
    }

    // --- sending

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
        connection.closeNow(closeReason);
    }

    /// @return whether the connection can go on
    private boolean write(NettyExchange exchange, ReplyWriter writer) {
        try {
            exchange.writeTo(writer);
            return true;
        } catch (UncheckedIOException failure) {
            LOG.error("{}: records could not be read for a reply: {}", connection.id(), failure.getMessage());
        } catch (OutOfDirectMemory none) {
            LOG.warn(
                    "{}: closed, because there is no direct memory for its reply: {}",
                    connection.id(),
                    none.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("{}: a bug in the writing of a reply: the connection is closed", connection.id(), bug);
        }
        return false;
    }

    private void flush(ChannelHandlerContext target) {
        isUnflushed = false;
        long beganNs = System.nanoTime();
        target.flush();
        noteRecords(unflushedRecordBytes, writeNs + System.nanoTime() - beganNs);
        unflushedRecordBytes = 0;
        writeNs = 0;
        if (connection.isOpen()) output.count();
    }

    private void noteRecords(long bytes, long tookNs) {
        if (bytes > 0 && ColdReads.isSlow(bytes, tookNs)) isCold = true;
    }
}
