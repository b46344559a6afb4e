package dev.tidemark.replication.follower;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;

/// What a follower asks its leader for: the fields of its part of a Fetch.
///
/// @param leaderEpoch the epoch in which the leader must answer, `currentLeaderEpoch` of the request
/// @param fetchOffset the follower's log end offset (where acknowledged is only what was forced: the forced end)
/// @param lastFetchedEpoch the epoch of its last record, -1 without one
public record FollowerPosition(
        Uuid topicId,
        TopicPartition partition,
        int leaderId,
        int leaderEpoch,
        long fetchOffset,
        int lastFetchedEpoch,
        long logStartOffset) {}
