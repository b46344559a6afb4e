package dev.tidemark.coordinator.group.offsets;

import dev.tidemark.base.Uuid;

/// A committed position.
///
/// @param leaderEpoch of the last consumed record; -1 where unknown
/// @param commitTimestampMs wall clock
/// @param expireTimestampMs -1 for the broker's retention; given by clients of OffsetCommit 2 to 4
/// @param topicId of the topic that the position is in; zero where unknown
public record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long commitTimestampMs, long expireTimestampMs, Uuid topicId) {
    public static final long NO_TIMESTAMP = -1;
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_OFFSET = -1;

    /// Whether the position is in a topic that was deleted, and one of the same name has come in its place.
    /// `currentTopicId` is the id of the name now; zero where there is none.
    boolean isOfAnother(Uuid currentTopicId) {
        return !topicId.isZero() && !currentTopicId.isZero() && !topicId.equals(currentTopicId);
    }
}
