package dev.tidemark.storage.producer;

/// What a batch tells of its producer.
///
/// @param offsetDelta of the last record to the first
public record ProducerBatch(
        long producerId,
        short epoch,
        int firstSequence,
        long firstOffset,
        int offsetDelta,
        long maxTimestampMs,
        boolean isTransactional) {
    public int lastSequence() {
        return firstSequence < 0 ? firstSequence : Sequences.plus(firstSequence, offsetDelta);
    }

    public long lastOffset() {
        return firstOffset + offsetDelta;
    }
}
