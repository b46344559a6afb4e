package dev.tidemark.network;

import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.BufferSource;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.message.Response;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// One request to another broker, on its way. Owner: the connection's loop.
final class PeerRequest {
    private static final int USUAL_BYTES = 512;

    private final Request body;
    private final short highestVersion;
    private final long deadlineMs;
    private final CompletableFuture<PeerReply> reply = new CompletableFuture<>();
    private short version;
    private int correlationId;

    PeerRequest(Request body, short highestVersion, long deadlineMs) {
        this.body = body;
        this.highestVersion = highestVersion;
        this.deadlineMs = deadlineMs;
    }

    ApiKey api() {
        return body.apiKey();
    }

    short highestVersion() {
        return highestVersion;
    }

    long deadlineMs() {
        return deadlineMs;
    }

    CompletableFuture<PeerReply> reply() {
        return reply;
    }

    /// The frame, size first.
    ByteBuffer encode(short chosenVersion, int id, String clientId) {
        version = chosenVersion;
        correlationId = id;
        Writer writer = new Writer(BufferSource.HEAP, USUAL_BYTES);
        writer.writeInt(0);
        RequestHeader.builder()
                .requestApiKey(api().id())
                .requestApiVersion(version)
                .correlationId(id)
                .clientId(clientId)
                .build()
                .write(writer, api().requestHeaderVersion(version));
        body.write(writer, version);
        writer.patchInt(0, Math.toIntExact(writer.sizeInBytes() - Integer.BYTES));
        return writer.toBuffer();
    }

    /// @throws MalformedException if the frame is not the answer to this request
    Response decode(ByteBuffer frame) {
        Reader reader = new Reader(frame);
        int id = reader.readInt();
        if (id != correlationId) throw new MalformedException("an answer to request " + id + ", not " + correlationId);
        if (api().responseHeaderVersion(version) > 0) reader.skipTags();
        Response response = api().readResponse(reader, version);
        reader.expectEnd();
        return response;
    }

    /// Hands the answer over; `memory` is held once for the receiver if it has records.
    void answer(Response response, FrameMemory memory) {
        boolean inPlace = api() == ApiKey.FETCH;
        if (inPlace) memory.retain();
        PeerReply given = new PeerReply(response, version, inPlace ? memory::release : () -> {});
        if (!reply.complete(given)) given.release();
    }
}
