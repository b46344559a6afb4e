package dev.tidemark.client.network;

import dev.tidemark.protocol.record.RecordBytes;
import java.nio.ByteBuffer;

/// Record batches that go to the socket from where they are: what lies between the buffer's position and limit. Must
/// not change until the request is answered.
public record BatchesToSend(ByteBuffer buffer) implements RecordBytes {
    @Override
    public int sizeInBytes() {
        return buffer.remaining();
    }
}
