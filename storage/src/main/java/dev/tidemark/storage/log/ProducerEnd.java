package dev.tidemark.storage.log;

/// What a producer wrote last, as compaction must know: that batch's sequence is not to be forgotten.
///
/// @param lastDataOffset of its last batch of records, -1 where only a marker is known
public record ProducerEnd(short producerEpoch, long lastDataOffset) {}
