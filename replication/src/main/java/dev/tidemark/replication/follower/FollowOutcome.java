package dev.tidemark.replication.follower;

import dev.tidemark.protocol.ErrorCode;

/// What became of a leader's answer at its follower, and so what its fetcher does next.
public sealed interface FollowOutcome {
    /// Taken over, also if it held no records: the next fetch may go out.
    ///
    /// @param bytes how many bytes of records were appended
    record Advanced(int bytes) implements FollowOutcome {}

    /// The follower's log was longer than the leader's, or began elsewhere: it was cut to `endOffset`. The next fetch
    /// may go out at once.
    record Truncated(long endOffset) implements FollowOutcome {}

    /// The answer is of another epoch or to another position than the follower's: it was left alone. The next fetch
    /// may go out from the position as it is now, if there still is one.
    record Outdated() implements FollowOutcome {}

    /// The leader is not, or not yet, the leader of the follower's epoch. Waits for the metadata: the next fetch after
    /// a pause.
    record Fenced(ErrorCode error) implements FollowOutcome {}

    /// The leader or this replica cannot go on now: the next fetch after a pause.
    record Failed(ErrorCode error, String message) implements FollowOutcome {}
}
