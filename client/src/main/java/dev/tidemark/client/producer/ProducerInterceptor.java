package dev.tidemark.client.producer;

import org.jspecify.annotations.Nullable;

/// Sees each record on its way: to count, trace or change it.
public interface ProducerInterceptor {
    /// In the caller's thread, before the partition is chosen.
    default ProducerRecord onSend(ProducerRecord record) {
        return record;
    }

    /// When the record's fate is known: one of `metadata` and `failure` is there. Must not block.
    default void onDelivered(
            ProducerRecord record, @Nullable RecordMetadata metadata, @Nullable RuntimeException failure) {}
}
