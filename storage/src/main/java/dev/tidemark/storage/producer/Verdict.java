package dev.tidemark.storage.producer;

import dev.tidemark.protocol.ErrorCode;

/// What a producer's state says of a batch before it is appended.
public sealed interface Verdict {
    Verdict ACCEPTED = new Accepted();

    record Accepted() implements Verdict {}

    /// It is in the log already.
    record Duplicate(long firstOffset, long lastOffset, long timestampMs) implements Verdict {}

    record Refused(ErrorCode error, String message) implements Verdict {}
}
