package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;

/// What a channel has been given and its peer has not taken, as a charge to the budget. Owner: the connection.
final class UnreadOutput {
    /// Records in files hold no memory, but an open file and its place in line. They are taken for so much, so that
    /// few of them wait for a peer that does not read.
    private static final int REGION_CHARGE_BYTES = 1 << 10;

    private final Channel channel;
    private final MemoryBudget budget;
    private long countedBytes;

    UnreadOutput(Channel channel, MemoryBudget budget) {
        this.channel = channel;
        this.budget = budget;
    }

    /// What a piece of a reply is taken for while it waits in the channel.
    static int charge(Object piece) {
        return piece instanceof ByteBuf memory ? memory.readableBytes() : REGION_CHARGE_BYTES;
    }

    /// Brings the charge up to date.
    void count() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long pending = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        // A piece may be a slice of the loop's buffer, of which it then holds all.
        charge(pending == 0 ? 0 : pending + ReplyWriter.SCRATCH_BYTES);
    }

    void forget() {
        charge(0);
    }

    private void charge(long bytes) {
        if (bytes > countedBytes) budget.take(bytes - countedBytes);
        else if (bytes < countedBytes) budget.giveBack(countedBytes - bytes);
        countedBytes = bytes;
    }

    boolean isEmpty() {
        return countedBytes == 0;
    }

    /// Changes whenever the peer takes bytes.
    long mark() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null || buffer.isEmpty()) return 0;
        long mark = 31L * buffer.totalPendingWriteBytes() + buffer.size();
        return buffer.current() instanceof FileRegion region ? 31 * mark + region.transferred() : mark;
    }
}
