package dev.tidemark.broker.dispatch;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Response;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/// The life of one request. It ends with exactly one of [#reply], [#noReply] and [#closeConnection], from any thread.
/// Replies leave in the order of the requests of their connection, whatever the order in which they are given.
public interface Exchange {
    Connection connection();

    /// Header and body, positioned at the header; direct memory, readable until [#releaseFrame].
    ByteBuffer frame();

    /// When the last byte of the frame had come, by the monotonic clock.
    long receivedNs();

    /// The frame's memory is needed no more. Repeated calls do nothing; the end of the exchange implies it.
    void releaseFrame();

    /// The first stage is done: the connection may hand over its next request. The end of the exchange implies it.
    void next();

    void reply(ApiKey api, short version, int correlationId, Response response);

    /// As [#reply], for what a client must not learn late: `response` is made, on the connection's loop, when the reply
    /// can leave. Earlier requests may wait for long, and what was true when this one was handled is the past then.
    default void replyInTurn(ApiKey api, short version, int correlationId, Supplier<? extends Response> response) {
        reply(api, version, correlationId, response.get());
    }

    /// Ends the exchange without an answer (acks=0).
    void noReply();

    void closeConnection(String reason);
}
