package dev.tidemark.broker.dispatch;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Response;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One decoded request on its way: who asks, in which version, and how to answer. Ends as its [Exchange] does.
public final class Call {
    private final Exchange exchange;
    private final ApiKey api;
    private final short version;
    private final int correlationId;
    private final @Nullable String clientId;

    Call(Exchange exchange, ApiKey api, short version, int correlationId, @Nullable String clientId) {
        this.exchange = exchange;
        this.api = api;
        this.version = version;
        this.correlationId = correlationId;
        this.clientId = clientId;
    }

    /// The same call, whose reply goes to `onReply` first, from any thread; what that gives to the original call
    /// leaves.
    public Call withReply(Consumer<Response> onReply) {
        return new Call(new InspectedExchange(exchange, onReply), api, version, correlationId, clientId);
    }

    public ApiKey api() {
        return api;
    }

    public short version() {
        return version;
    }

    /// Empty where the client gave none.
    public String clientId() {
        return Objects.requireNonNullElse(clientId, "");
    }

    /// As group descriptions show it: `/127.0.0.1`.
    public String clientHost() {
        var peer = exchange.connection().peer();
        return peer.getAddress() == null
                ? peer.getHostString()
                : "/" + peer.getAddress().getHostAddress();
    }

    public Connection connection() {
        return exchange.connection();
    }

    public String listener() {
        return exchange.connection().listener();
    }

    public Loop loop() {
        return exchange.connection().loop();
    }

    /// The records of the request are needed no more.
    public void releaseFrame() {
        exchange.releaseFrame();
    }

    /// The connection may hand over its next request before this one is answered.
    public void next() {
        exchange.next();
    }

    public void reply(Response response) {
        exchange.reply(api, version, correlationId, response);
    }

    /// See [Exchange#replyInTurn].
    public void replyInTurn(Supplier<? extends Response> response) {
        exchange.replyInTurn(api, version, correlationId, response);
    }

    public void noReply() {
        exchange.noReply();
    }

    public void closeConnection(String reason) {
        exchange.closeConnection(reason);
    }
}
