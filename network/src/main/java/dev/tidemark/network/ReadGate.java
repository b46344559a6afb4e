package dev.tidemark.network;

import io.netty.channel.ChannelConfig;

/// Whether a channel is read: not while any reason holds, so that a client can make the broker keep no more than
/// bounded memory. Owner: the channel's loop.
final class ReadGate {
    /// Frames that have been read wait for the line to get shorter.
    static final int STALLED = 1;
    /// A frame has begun for which there is no memory.
    static final int MEMORY = 2;
    /// The peer does not read its replies.
    static final int OUTPUT = 4;

    static final int CLOSING = 8;

    private final ChannelConfig channel;
    private int reasons;

    ReadGate(ChannelConfig channel) {
        this.channel = channel;
    }

    void shut(int reason) {
        if (reasons == 0) channel.setAutoRead(false);
        reasons |= reason;
    }

    void open(int reason) {
        if ((reasons & reason) == 0) return;
        reasons &= ~reason;
        if (reasons == 0) channel.setAutoRead(true);
    }

    boolean isShutFor(int anyOf) {
        return (reasons & anyOf) != 0;
    }
}
