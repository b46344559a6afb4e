package dev.tidemark.replication.follower;

import dev.tidemark.protocol.ErrorCode;

/// What a follower does with its leader's answer.
public sealed interface FollowStep {
    /// Takes over the records, if there are any, then the high watermark and the log start offset.
    record Append() implements FollowStep {}

    /// Cuts everything from `offset` on, and asks again.
    record CutTo(long offset) implements FollowStep {}

    /// Forgets all records, and begins anew at the leader's log start `offset`.
    record RestartAt(long offset) implements FollowStep {}

    /// Leaves the answer alone: it is of another epoch or to another question.
    record Ignore() implements FollowStep {}

    /// The leader does not lead in this follower's epoch, or not yet.
    record Wait(ErrorCode error) implements FollowStep {}

    /// The leader cannot serve now.
    record Fail(ErrorCode error) implements FollowStep {}
}
