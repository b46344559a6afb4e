package dev.tidemark.broker.dispatch;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Response;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// An exchange whose reply somebody else wants to see before it leaves.
record InspectedExchange(Exchange exchange, Consumer<Response> onReply) implements Exchange {
    @Override
    public Connection connection() {
        return exchange.connection();
    }

    @Override
    public ByteBuffer frame() {
        return exchange.frame();
    }

    @Override
    public long receivedNs() {
        return exchange.receivedNs();
    }

    @Override
    public void releaseFrame() {
        exchange.releaseFrame();
    }

    @Override
    public void next() {
        exchange.next();
    }

    @Override
    public void reply(ApiKey api, short version, int correlationId, Response response) {
        onReply.accept(response);
    }

    @Override
    public void noReply() {
        exchange.noReply();
    }

    @Override
    public void closeConnection(String reason) {
        exchange.closeConnection(reason);
    }
}
