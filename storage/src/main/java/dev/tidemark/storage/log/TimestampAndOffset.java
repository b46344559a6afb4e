package dev.tidemark.storage.log;

/// A record found by its timestamp.
///
/// @param leaderEpoch of the batch that holds it, -1 if unknown
public record TimestampAndOffset(long timestampMs, long offset, int leaderEpoch) {}
