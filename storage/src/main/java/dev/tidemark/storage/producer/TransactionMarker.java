package dev.tidemark.storage.producer;

/// The control record that ends a producer's transaction on a partition.
public record TransactionMarker(
        long producerId, short epoch, int coordinatorEpoch, boolean isCommit, long offset, long timestampMs) {}
