package dev.tidemark.client.network;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.ClosedException;
import dev.tidemark.protocol.message.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Requests over TCP: a connection for each broker and lane, opened when it is first needed and again when it broke.
/// Used by any thread.
public final class SocketTransport implements Transport {
    private final ConcurrentHashMap<Key, Connection> connections = new ConcurrentHashMap<>();
    private final ClientConfig config;
    private volatile boolean closed;

    private record Key(BrokerAddress address, Lane lane) {}

    public SocketTransport(ClientConfig config) {
        this.config = config;
    }

    @Override
    public <R extends Response> CompletableFuture<R> send(BrokerAddress to, Lane lane, Call<R> call) {
        Connection connection = connections.compute(
                new Key(to, lane),
                (key, old) -> old != null && old.isOpen() ? old : Connection.open(key.address(), config));
        if (closed) {
            connection.close("the client is closed");
            return CompletableFuture.failedFuture(new ClosedException("the client is closed"));
        }
        return connection.send(call);
    }

    @Override
    public void close() {
        closed = true;
        connections.values().forEach(connection -> connection.close("the client is closed"));
    }
}
