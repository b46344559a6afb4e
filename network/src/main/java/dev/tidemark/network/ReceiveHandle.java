package dev.tidemark.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/// Lets a channel read straight into the memory that its [FrameReader] chooses, and decides when it is another
/// channel's turn.
final class ReceiveHandle implements RecvByteBufAllocator.ExtendedHandle {
    /// Reads and bytes after which the loop's other connections get their turn.
    private static final int READS_IN_A_ROW_MAX = 32;

    private static final int BYTES_IN_A_ROW_MAX = 1 << 20;

    private final FrameReader reader;
    private ChannelConfig config;
    private int reads;
    private int bytesInAll;
    private int lastBytes;
    private int attemptedBytes;

    ReceiveHandle(FrameReader reader, ChannelConfig config) {
        this.reader = reader;
        this.config = config;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator ignored) {
        return reader.nextBuffer();
    }

    @Override
    public int guess() {
        return LoopMemory.SCRATCH_BYTES;
    }

    @Override
    public void reset(ChannelConfig current) {
        config = current;
        reads = 0;
        bytesInAll = 0;
    }

    @Override
    public void incMessagesRead(int count) {
        reads += count;
    }

    @Override
    public void lastBytesRead(int bytes) {
        lastBytes = bytes;
        if (bytes > 0) bytesInAll += bytes;
    }

    @Override
    public int lastBytesRead() {
        return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attemptedBytes;
    }

    /// A read that did not fill its buffer has emptied the socket.
    @Override
    public boolean continueReading() {
        return config.isAutoRead()
                && lastBytes > 0
                && lastBytes == attemptedBytes
                && reads < READS_IN_A_ROW_MAX
                && bytesInAll < BYTES_IN_A_ROW_MAX;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        return continueReading();
    }

    @Override
    public void readComplete() {}
}
