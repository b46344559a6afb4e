package dev.tidemark.storage.log;

/// The answer to OffsetForLeaderEpoch: the largest epoch known that is not above the one asked for, and the offset
/// behind its last record. Both are -1 where nothing is known.
public record EpochEndOffset(int leaderEpoch, long endOffset) {
    public static final EpochEndOffset UNDEFINED = new EpochEndOffset(-1, -1);
}
