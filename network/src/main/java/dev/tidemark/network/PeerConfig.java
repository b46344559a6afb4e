package dev.tidemark.network;

/// The settings of a [NettyPeerTransport], in plain values. The comments name the broker's config keys.
///
/// @param connectTimeoutMs `socket.connection.setup.timeout.ms`: for the connection, and again for the peer's first
///     answer
/// @param replyBytesMax a bigger reply costs the connection
/// @param memoryBytesMax what the replies of all peers may hold together. It is apart from the clients' memory: theirs
///     may be waiting for just these replies.
/// @param receiveBufferBytes `replica.socket.receive.buffer.bytes`; -1 leaves it to the system, which adapts it
public record PeerConfig(int connectTimeoutMs, int replyBytesMax, long memoryBytesMax, int receiveBufferBytes) {
    public static final PeerConfig DEFAULTS = new PeerConfig(10_000, 100 << 20, 128L << 20, -1);
}
