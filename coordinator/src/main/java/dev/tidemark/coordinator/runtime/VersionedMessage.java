package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.codec.Message;
import dev.tidemark.protocol.codec.Writer;

/// A message behind a short that tells its version (for keys of internal topics: its record type): how values of
/// internal topics and the embedded protocol of consumers are written.
public final class VersionedMessage {
    private VersionedMessage() {}

    public static Bytes write(short version, Message message) {
        return write(version, message, version);
    }

    /// A key: the prefix is the record type.
    public static Bytes write(short prefix, Message message, short version) {
        Writer writer = new Writer();
        writer.writeShort(prefix);
        message.write(writer, version);
        Bytes bytes = Bytes.copyOf(writer.toBuffer());
        writer.release();
        return bytes;
    }
}
