package dev.tidemark.client;

/// A committed offset: that of the next record to read.
///
/// @param leaderEpoch of the last record that was read, -1 where it is not known
/// @param metadata anything the committer wants to keep
public record OffsetAndMetadata(long offset, int leaderEpoch, String metadata) {
    public static OffsetAndMetadata of(long offset) {
        return new OffsetAndMetadata(offset, -1, "");
    }
}
