package dev.tidemark.network;

import java.util.List;

/// The settings of a [NettyServer], in plain values. The comments name the broker's config keys.
///
/// @param listeners one or more, with names that differ
/// @param requestBytesMax `socket.request.max.bytes`: a bigger frame costs its sender the connection
/// @param queuedRequestBytesMax `queued.max.request.bytes`: memory that all frames and unread replies may hold;
///     -1 takes a quarter of what direct memory the process may use
/// @param pipelinedRequestsMax requests of one connection whose replies have not left; more are not read
/// @param pipelinedBytesMax bytes of one connection's frames in process; more are not read
/// @param sendBufferBytes `socket.send.buffer.bytes`; -1 leaves it to the system, which adapts it
/// @param receiveBufferBytes `socket.receive.buffer.bytes`; -1 leaves it to the system, which adapts it
/// @param backlog `socket.listen.backlog.size`
/// @param connectionsMaxIdleMs `connections.max.idle.ms`; -1 lets idle connections live
/// @param stalledFrameMs how long, once memory has run out, a connection may hold a part of it without moving on
/// @param limits how many connections there may be
public record NetworkConfig(
        List<Listener> listeners,
        int requestBytesMax,
        long queuedRequestBytesMax,
        int pipelinedRequestsMax,
        int pipelinedBytesMax,
        int sendBufferBytes,
        int receiveBufferBytes,
        int backlog,
        long connectionsMaxIdleMs,
        long stalledFrameMs,
        ConnectionLimits limits) {
    public NetworkConfig {
        listeners = List.copyOf(listeners);
        if (requestBytesMax < 1) throw new IllegalArgumentException("requestBytesMax is below 1: " + requestBytesMax);
        if (pipelinedRequestsMax < 1)
            throw new IllegalArgumentException("pipelinedRequestsMax is below 1: " + pipelinedRequestsMax);
        if (pipelinedBytesMax < 1)
            throw new IllegalArgumentException("pipelinedBytesMax is below 1: " + pipelinedBytesMax);
    }

    /// Kafka's defaults, except that socket buffers adapt themselves.
    public static Builder builder(List<Listener> listeners) {
        return new Builder(listeners);
    }

    /// Starts from the defaults.
    public static final class Builder {
        private final List<Listener> listeners;
        private int requestBytesMax = 100 << 20;
        private long queuedRequestBytesMax = -1;
        private int pipelinedRequestsMax = 128;
        private int pipelinedBytesMax = 32 << 20;
        private int sendBufferBytes = -1;
        private int receiveBufferBytes = -1;
        private int backlog = 50;
        private long connectionsMaxIdleMs = 600_000;
        private long stalledFrameMs = 5_000;
        private ConnectionLimits limits = ConnectionLimits.NONE;

        private Builder(List<Listener> listeners) {
            this.listeners = listeners;
        }

        public Builder requestBytesMax(int value) {
            requestBytesMax = value;
            return this;
        }

        public Builder queuedRequestBytesMax(long value) {
            queuedRequestBytesMax = value;
            return this;
        }

        public Builder pipelinedRequestsMax(int value) {
            pipelinedRequestsMax = value;
            return this;
        }

        public Builder pipelinedBytesMax(int value) {
            pipelinedBytesMax = value;
            return this;
        }

        public Builder sendBufferBytes(int value) {
            sendBufferBytes = value;
            return this;
        }

        public Builder receiveBufferBytes(int value) {
            receiveBufferBytes = value;
            return this;
        }

        public Builder backlog(int value) {
            backlog = value;
            return this;
        }

        public Builder connectionsMaxIdleMs(long value) {
            connectionsMaxIdleMs = value;
            return this;
        }

        public Builder stalledFrameMs(long value) {
            stalledFrameMs = value;
            return this;
        }

        public Builder limits(ConnectionLimits value) {
            limits = value;
            return this;
        }

        public NetworkConfig build() {
            return new NetworkConfig(
                    listeners,
                    requestBytesMax,
                    queuedRequestBytesMax,
                    pipelinedRequestsMax,
                    pipelinedBytesMax,
                    sendBufferBytes,
                    receiveBufferBytes,
                    backlog,
                    connectionsMaxIdleMs,
                    stalledFrameMs,
                    limits);
        }
    }
}
