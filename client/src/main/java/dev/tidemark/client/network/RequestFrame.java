package dev.tidemark.client.network;

import dev.tidemark.protocol.codec.BufferSource;
import dev.tidemark.protocol.codec.Writer;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.RequestHeader;
import java.nio.ByteBuffer;
import java.util.List;

/// A request as it leaves: its size, its header, its body. Owner: the connection's writer.
final class RequestFrame {
    private static final int USUAL_BYTES = 256;

    private RequestFrame() {}

    /// What to write, in order.
    static ByteBuffer[] of(Call<?> call, short version, int correlationId, String clientId) {
        Request request = call.body().apply(version);
        Writer writer = new Writer(BufferSource.HEAP, USUAL_BYTES);
        writer.writeInt(0);
        RequestHeader.builder()
                .requestApiKey(call.api().id())
                .requestApiVersion(version)
                .correlationId(correlationId)
                .clientId(clientId)
                .build()
                .write(writer, call.api().requestHeaderVersion(version));
        request.write(writer, version);
        writer.patchInt(0, Math.toIntExact(writer.sizeInBytes() - 4));
        return buffers(writer.parts());
    }

    private static ByteBuffer[] buffers(List<Writer.Part> parts) {
        ByteBuffer[] buffers = new ByteBuffer[parts.size()];
        for (int i = 0; i < buffers.length; i++) {
            // A pattern switch would be linked at run time, which costs a short command several milliseconds.
            Writer.Part part = parts.get(i);
            if (part instanceof Writer.Part.Memory memory) buffers[i] = memory.buffer();
            else if (part instanceof Writer.Part.Inserted inserted)
                buffers[i] = ((BatchesToSend) inserted.records()).buffer().duplicate();
        }
        return buffers;
    }
}
