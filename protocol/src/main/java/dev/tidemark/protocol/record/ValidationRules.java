package dev.tidemark.protocol.record;

import org.jspecify.annotations.Nullable;

/// What a topic asks of batches that are to be appended.
///
/// @param fromClient whether a client sent them: control batches and offsets are the broker's own business
/// @param batchBytesMax `max.message.bytes`
/// @param keyRequired whether every record must have a key: the topic is compacted
/// @param compression what batches shall be compressed with; null for what the producer chose
/// @param logAppendTime whether the broker's time takes the place of the records' (`message.timestamp.type`)
/// @param timestampBeforeMaxMs how far a record's time may lie before the broker's; [Long#MAX_VALUE] for any
/// @param timestampAfterMaxMs how far a record's time may lie after the broker's; [Long#MAX_VALUE] for any
/// @param unpackedBytesMax how many bytes a batch may unpack to, where it has to be unpacked
public record ValidationRules(
        boolean fromClient,
        int batchBytesMax,
        boolean keyRequired,
        @Nullable Compression compression,
        boolean logAppendTime,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        int unpackedBytesMax) {
    /// Kafka's defaults for a topic.
    public static final ValidationRules DEFAULT =
            new ValidationRules(true, 1_048_588, false, null, false, Long.MAX_VALUE, 3_600_000, 128 << 20);

    public ValidationRules fromBroker() {
        return new ValidationRules(
                false,
                batchBytesMax,
                keyRequired,
                compression,
                logAppendTime,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                unpackedBytesMax);
    }

    /// Whether the records of a compressed batch must be looked at one by one.
    boolean looksInside() {
        return keyRequired || (!logAppendTime && timestampBeforeMaxMs != Long.MAX_VALUE);
    }
}
