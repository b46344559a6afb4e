package dev.tidemark.coordinator.runtime;

/// The end of a producer's transaction in one partition.
///
/// @param coordinatorEpoch of the transaction coordinator that says so
/// @param clientVersion `transaction.version` as the producer speaks it
public record EndMarker(
        long producerId, short producerEpoch, boolean commit, int coordinatorEpoch, short clientVersion) {
    private static final short FIRST_VERSION_WITH_EPOCHS = 2;

    /// Whether each end gives the producer its next epoch, in which the marker is written.
    public static boolean hasEpochs(short clientVersion) {
        return clientVersion >= FIRST_VERSION_WITH_EPOCHS;
    }

    /// Whether its epoch is that of the producer's next transaction.
    public boolean hasEpochOfNext() {
        return hasEpochs(clientVersion);
    }

    /// The newest epoch whose transaction is over by this.
    public int lastEndedEpoch() {
        return hasEpochOfNext() ? producerEpoch - 1 : producerEpoch;
    }
}
