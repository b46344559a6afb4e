package dev.tidemark.metadata.store;

/// What happens to the connection with the store.
public sealed interface SessionEvent {
    /// Connected, for the first time or again. Watch events may have been missed in between: read everything anew.
    ///
    /// @param fresh whether this is a new session: the ephemeral nodes of the one before are gone or will be
    record Connected(long sessionId, boolean fresh) implements SessionEvent {}

    /// Nothing can be read or written for now; the session and its ephemeral nodes may live on.
    record Disconnected() implements SessionEvent {}

    /// The session is over, and its ephemeral nodes with it. A new one is being made.
    record Expired() implements SessionEvent {}
}
