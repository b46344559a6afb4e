package dev.tidemark.replication.follower;

/// Where a leader epoch ends in a log: the offset behind its last record. Epoch and offset are -1 where that is not
/// known.
public record EpochEnd(int epoch, long endOffset) {
    public static final EpochEnd UNKNOWN = new EpochEnd(-1, -1);
}
