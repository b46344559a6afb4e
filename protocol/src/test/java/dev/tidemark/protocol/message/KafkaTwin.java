package dev.tidemark.protocol.message;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.protocol.codec.Message;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.types.Schema;

/// The class that Apache Kafka generates from the same definition as ours.
final class KafkaTwin {
    private static final List<String> PLACES = List.of(
            "org.apache.kafka.common.message.%sData",
            "org.apache.kafka.common.message.%s",
            "org.apache.kafka.coordinator.group.generated.%s",
            "org.apache.kafka.coordinator.transaction.generated.%s");

    private final Class<?> type;

    private KafkaTwin(Class<?> type) {
        this.type = type;
    }

    static KafkaTwin of(Class<? extends Message> ours) {
        for (String place : PLACES) {
            try {
                return new KafkaTwin(Class.forName(place.formatted(ours.getSimpleName())));
            } catch (ClassNotFoundException _) {
                // At the next place.
            }
        }
        throw new IllegalStateException("Kafka has no " + ours.getSimpleName());
    }

    /// What fields each version has.
    Schema schema(short version) {
        try {
            return ((Schema[]) type.getField("SCHEMAS").get(null))[version];
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    org.apache.kafka.common.protocol.Message read(ByteBuffer bytes, short version) {
        ByteBuffer own = bytes.duplicate();
        try {
            Object message =
                    type.getConstructor(Readable.class, short.class).newInstance(new ByteBufferAccessor(own), version);
            if (own.hasRemaining()) throw new IllegalStateException(own.remaining() + " bytes left by Kafka");
            return (org.apache.kafka.common.protocol.Message) message;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static ByteBuffer write(org.apache.kafka.common.protocol.Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        return bytes.flip();
    }

    JsonNode json(org.apache.kafka.common.protocol.Message message, short version) {
        try {
            Class<?> converter = Class.forName(type.getName() + "JsonConverter");
            return (JsonNode) converter.getMethod("write", type, short.class).invoke(null, message, version);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
