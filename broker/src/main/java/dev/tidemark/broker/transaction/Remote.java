package dev.tidemark.broker.transaction;

import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.concurrent.CompletableFuture;

/// Requests to other brokers. Fails where the broker cannot be reached or does not answer in time.
public interface Remote {
    CompletableFuture<Response> send(int nodeId, Request request);

    /// For a broker that has no way to others.
    static Remote unavailable() {
        return (nodeId, _) ->
                CompletableFuture.failedFuture(new IllegalStateException("no way from here to broker " + nodeId));
    }
}
