package dev.tidemark.client.network;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.protocol.codec.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// A blocking socket that carries frames: four bytes of size, then so many bytes. One thread writes, one reads.
final class FrameChannel {
    private final SocketChannel channel;
    private final int frameBytesMax;
    private final ByteBuffer size = ByteBuffer.allocate(4);

    private FrameChannel(SocketChannel channel, int frameBytesMax) {
        this.channel = channel;
        this.frameBytesMax = frameBytesMax;
    }

    /// Tries each of the host's addresses.
    static FrameChannel connect(BrokerAddress address, ClientConfig config) throws IOException {
        IOException failure = null;
        for (InetAddress ip : resolve(address.host())) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                channel.socket().connect(new InetSocketAddress(ip, address.port()), config.connectTimeoutMs());
                return new FrameChannel(channel, config.responseBytesMax());
            } catch (IOException failed) {
                channel.close();
                failure = failed;
            }
        }
        throw failure == null ? new IOException("the host has no address") : failure;
    }

    private static InetAddress[] resolve(String host) throws IOException {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException unknown) {
            throw new IOException("the host name '" + host + "' is not known", unknown);
        }
    }

    void write(ByteBuffer[] parts) throws IOException {
        long left = 0;
        for (ByteBuffer part : parts) left += part.remaining();
        while (left > 0) left -= channel.write(parts);
    }

    /// The next frame, in memory of its own.
    ByteBuffer read() throws IOException {
        fill(size.clear());
        int bytes = size.getInt(0);
        if (bytes < 4 || bytes > frameBytesMax)
            throw new MalformedException("a frame of " + bytes + " bytes; at most " + frameBytesMax + " are taken");
        ByteBuffer frame = ByteBuffer.allocate(bytes);
        fill(frame);
        return frame.flip();
    }

    private void fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) throw new EOFException("the broker closed the connection");
        }
    }

    /// Ends a read or write under way on another thread.
    void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // There is nothing left to release.
        }
    }
}
