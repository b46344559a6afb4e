package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;

/// Who gave an input and waits for its reply: exactly one of the two is called, once, on any thread.
///
/// @param <R> replies
public interface Caller<R> {
    void reply(R reply);

    /// The shard cannot answer: it loads, is not led here, or its log refused the facts.
    void fail(ErrorCode error);
}
