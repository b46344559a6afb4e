package dev.tidemark.client.network;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.protocol.message.Response;
import java.util.concurrent.CompletableFuture;

/// The seam to the network: a request goes out, its reply comes back.
public interface Transport extends AutoCloseable {
    /// Connections to one broker that do not wait for each other: a broker answers a connection's requests in their
    /// order, and a fetch may take its time.
    enum Lane {
        MAIN,
        FETCH,
        COORDINATOR
    }

    /// Requests of one lane to one broker leave in the order of the calls. The future fails with a
    /// [dev.tidemark.client.ClientException] only; it may be completed on any thread, which must not be blocked.
    <R extends Response> CompletableFuture<R> send(BrokerAddress to, Lane lane, Call<R> call);

    /// What was sent and not answered fails.
    @Override
    void close();
}
