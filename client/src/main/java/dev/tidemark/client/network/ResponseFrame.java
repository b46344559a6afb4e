package dev.tidemark.client.network;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.ResponseHeader;
import java.nio.ByteBuffer;

/// A response as it came. Record bytes in the decoded response are slices of the frame, which nobody else holds.
final class ResponseFrame {
    private ResponseFrame() {}

    static Response decode(ByteBuffer frame, ApiKey api, short version, int correlationId) {
        Reader reader = new Reader(frame);
        ResponseHeader header = ResponseHeader.read(reader, api.responseHeaderVersion(version));
        if (header.correlationId() != correlationId)
            throw new MalformedException("an answer to " + header.correlationId() + " instead of " + correlationId);
        return api.readResponse(reader, version);
    }
}
