package dev.tidemark.broker.handler;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Request;
import java.util.function.BiConsumer;

/// A handler that hands each request on, for an API whose work is done elsewhere.
public record ApiHandler<Q extends Request>(
        ApiKey api, Class<Q> requestType, BiConsumer<Q, Call> work, short highestVersion) implements Handler<Q> {
    public ApiHandler(ApiKey api, Class<Q> requestType, BiConsumer<Q, Call> work) {
        this(api, requestType, work, api.highestVersion());
    }

    @Override
    public void handle(Q request, Call call) {
        work.accept(request, call);
    }
}
