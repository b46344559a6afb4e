package dev.tidemark.storage.log;

/// A transaction that ended in an abort, as the transaction index knows it.
///
/// @param lastOffset         of the abort marker
/// @param lastStableOffset   of the partition when the marker was written
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
