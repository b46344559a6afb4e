package dev.tidemark.client.producer;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.Record;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record to be written.
///
/// @param partition null to let the partitioner choose
/// @param timestampMs null for now
public record ProducerRecord(
        String topic,
        @Nullable Integer partition,
        @Nullable Long timestampMs,
        @Nullable Bytes key,
        @Nullable Bytes value,
        List<Record.Header> headers) {
    private static final int OVERHEAD_BYTES = 32;

    public static ProducerRecord of(String topic, @Nullable Bytes key, @Nullable Bytes value) {
        return new ProducerRecord(topic, null, null, key, value, List.of());
    }

    /// Key and value as UTF-8.
    public static ProducerRecord of(String topic, @Nullable String key, @Nullable String value) {
        return of(topic, key == null ? null : Bytes.utf8(key), value == null ? null : Bytes.utf8(value));
    }

    /// What the record takes in a batch, or a little less than this.
    int bytesMax() {
        long bytes = OVERHEAD_BYTES;
        if (key != null) bytes += key.size();
        if (value != null) bytes += value.size();
        for (Record.Header header : headers) {
            Bytes content = header.value();
            bytes += 3L * header.key().length() + 10 + (content == null ? 0 : content.size());
        }
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
}
