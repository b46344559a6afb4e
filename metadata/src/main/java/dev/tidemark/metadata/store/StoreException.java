package dev.tidemark.metadata.store;

/// The store did not answer.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public enum Kind {
        /// A write may or may not have been done.
        CONNECTION_LOST,
        /// A write may or may not have been done; the session's ephemeral nodes are gone or will be.
        SESSION_EXPIRED,
        /// The client is closed.
        CLOSED,
        /// The store will never answer this: no permission, a reply beyond all bounds, and the like.
        REFUSED
    }

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
