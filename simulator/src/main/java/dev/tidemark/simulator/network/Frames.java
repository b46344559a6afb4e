package dev.tidemark.simulator.network;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.Reader;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.protocol.message.ResponseHeader;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.storage.segment.FileRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Requests and responses as the bytes that go over the network, without their size.
public final class Frames {
    private Frames() {}

    public static byte[] request(Request request, short version, int correlationId, String clientId) {
        Writer writer = new Writer();
        ApiKey api = request.apiKey();
        RequestHeader.builder()
                .requestApiKey(api.id())
                .requestApiVersion(version)
                .correlationId(correlationId)
                .clientId(clientId)
                .build()
                .write(writer, api.requestHeaderVersion(version));
        request.write(writer, version);
        try {
            return bytes(writer);
        } catch (IOException impossible) {
            throw new IllegalStateException("a request with records in files", impossible);
        }
    }

    /// Releases the records of the response, also where it fails.
    ///
    /// @throws IOException where records cannot be read from their file
    static byte[] response(ApiKey api, short version, int correlationId, Response response) throws IOException {
        Writer writer = new Writer();
        writer.writeInt(correlationId);
        if (api.responseHeaderVersion(version) > 0) writer.writeUnsignedVarint(0);
        response.write(writer, version);
        try {
            return bytes(writer);
        } finally {
            release(writer.parts());
        }
    }

    /// Releases the records of a response that goes nowhere.
    static void discard(short version, Response response) {
        Writer writer = new Writer();
        response.write(writer, version);
        release(writer.parts());
    }

    private static void release(List<Writer.Part> parts) {
        for (Writer.Part part : parts) {
            if (part instanceof Writer.Part.Inserted(FileRecords records)) records.release();
        }
    }

    private static byte[] bytes(Writer writer) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(writer.sizeInBytes())];
        int at = 0;
        for (Writer.Part part : writer.parts()) {
            ByteBuffer source = switch (part) {
                case Writer.Part.Memory(var buffer) -> buffer;
                case Writer.Part.Inserted(FileRecords records) -> records.copy();
                case Writer.Part.Inserted(MemoryRecords records) ->
                    records.buffer().duplicate();
                case Writer.Part.Inserted inserted ->
                    throw new IllegalStateException("no way to send " + inserted.records());
            };
            int size = source.remaining();
            source.get(bytes, at, size);
            at += size;
        }
        return bytes;
    }

    /// @throws MalformedException where the frame is no answer to this request
    public static Response decode(byte[] frame, ApiKey api, short version, int correlationId) {
        Reader reader = new Reader(ByteBuffer.wrap(frame));
        ResponseHeader header = ResponseHeader.read(reader, api.responseHeaderVersion(version));
        if (header.correlationId() != correlationId)
            throw new MalformedException("an answer to " + header.correlationId() + " instead of " + correlationId);
        Response response = api.readResponse(reader, version);
        reader.expectEnd();
        return response;
    }
}
