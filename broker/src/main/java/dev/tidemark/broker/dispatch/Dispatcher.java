package dev.tidemark.broker.dispatch;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decodes each frame and gives it to the handler of its API. A frame that makes no sense costs the client its
/// connection; a handler's bug costs the request its connection and leaves a stack trace.
///
/// An unknown API or version closes the connection, as Kafka does, but for ApiVersions: that is answered with
/// UNSUPPORTED_VERSION in version 0 and with the table, so that the client can choose again (KIP-511).
public final class Dispatcher implements RequestProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    /// Of all arrays of one request together: what a request makes of its bytes is bounded too.
    private static final int ELEMENTS_MAX = 1_000_000;
    private static final int FIXED_HEADER_BYTES = Short.BYTES + Short.BYTES + Integer.BYTES;

    private final Handlers handlers;
    private final ApiVersionsTable versions;
    private final List<Consumer<Connection>> onDisconnected;

    public Dispatcher(Handlers handlers, ApiVersionsTable versions, List<Consumer<Connection>> onDisconnected) {
        this.handlers = handlers;
        this.versions = versions;
        this.onDisconnected = List.copyOf(onDisconnected);
    }

    @Override
    public void onRequest(Exchange exchange) {
        try {
            dispatch(exchange);
        } catch (MalformedException malformed) {
            exchange.closeConnection("a request that cannot be read: " + malformed.getMessage());
        }
    }

    @Override
    public void onDisconnected(Connection connection) {
        for (Consumer<Connection> listener : onDisconnected) {
            listener.accept(connection);
        }
    }

    private void dispatch(Exchange exchange) {
        ByteBuffer frame = exchange.frame();
        if (frame.remaining() < FIXED_HEADER_BYTES) {
            exchange.closeConnection("a frame of " + frame.remaining() + " bytes, too short for a request header");
            return;
        }
        int key = frame.getShort(frame.position());
        short version = frame.getShort(frame.position() + Short.BYTES);
        ApiKey api = ApiKey.forId(key);
        Handler<?> handler = handlers.forKey(key, exchange.connection().listener());
        if (api == null || handler == null) {
            exchange.closeConnection("a request for API " + (api == null ? key : api) + ", which is not served here");
        } else if (version < handler.lowestVersion() || version > handler.highestVersion()) {
            refuseVersion(exchange, api, handler, version);
        } else {
            handle(exchange, api, handler, version);
        }
    }

    private void refuseVersion(Exchange exchange, ApiKey api, Handler<?> handler, short version) {
        if (api == ApiKey.API_VERSIONS && version >= 0) {
            ByteBuffer frame = exchange.frame();
            int correlationId = frame.getInt(frame.position() + 2 * Short.BYTES);
            exchange.reply(api, (short) 0, correlationId, versions.unsupportedVersion());
            return;
        }
        exchange.closeConnection("a request for " + api + " in version " + version + "; served are "
                + handler.lowestVersion() + " to " + handler.highestVersion());
    }

    private <Q extends Request> void handle(Exchange exchange, ApiKey api, Handler<Q> handler, short version) {
        Reader reader = new Reader(exchange.frame(), ELEMENTS_MAX);
        RequestHeader header = RequestHeader.read(reader, api.requestHeaderVersion(version));
        Q request = handler.requestType().cast(api.readRequest(reader, version));
        if (reader.remaining() > 0) {
            throw new MalformedException(reader.remaining() + " bytes behind the end of a request for " + api);
        }
        if (api != ApiKey.PRODUCE) exchange.releaseFrame(); // Only records are read in place.
        Call call = new Call(exchange, api, version, header.correlationId(), header.clientId());
        try {
            handler.handle(request, call);
        } catch (RuntimeException bug) {
            LOG.error(
                    "A bug in the handling of {} version {} from {}: its connection is closed.",
                    api,
                    version,
                    exchange.connection().peer(),
                    bug);
            exchange.closeConnection("an internal error");
        }
    }

    /// What ApiVersions answers, as the dispatcher needs it.
    public interface ApiVersionsTable {
        /// For a version that is not served; written as version 0.
        ApiVersionsResponse unsupportedVersion();

        ApiVersionsResponse answer(ApiVersionsRequest request, short version, String listener);
    }
}
