package dev.tidemark.broker.dispatch;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Request;

/// Serves one API. Its class doc lists versions and behaviour; its registration in [Handlers] yields what ApiVersions
/// answers.
public interface Handler<Q extends Request> {
    ApiKey api();

    Class<Q> requestType();

    default short lowestVersion() {
        return api().lowestVersion();
    }

    default short highestVersion() {
        return api().highestVersion();
    }

    /// Whether only brokers may ask for it: it is served and advertised on the listener that brokers use among
    /// themselves, and nowhere else.
    default boolean isForBrokers() {
        return false;
    }

    /// Called on the connection's loop; must not block. Ends `call` now or later, from any thread.
    void handle(Q request, Call call);
}
