package dev.tidemark.coordinator.runtime;

/// The end of a producer's transaction in one partition.
///
/// @param coordinatorEpoch of the transaction coordinator that says so
/// @param clientVersion `transaction.version` as the producer speaks it
public record EndMarker(
        long producerId, short producerEpoch, boolean commit, int coordinatorEpoch, short clientVersion) {}
