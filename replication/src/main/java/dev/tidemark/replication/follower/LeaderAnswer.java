package dev.tidemark.replication.follower;

import dev.tidemark.protocol.ErrorCode;

/// What a leader says of one partition in its answer to a Fetch, but for the records.
///
/// @param diverging where the follower's last epoch ends in the leader's log, if the follower went on beyond that;
///     [EpochEnd#UNKNOWN] where the logs agree
public record LeaderAnswer(ErrorCode error, EpochEnd diverging, long highWatermark, long logStartOffset) {}
