package dev.tidemark.metadata.control;

import dev.tidemark.protocol.ErrorCode;

/// The control plane cannot do what it was asked, for a reason that a client or an operator can act on.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ErrorCode error;

    public RefusedException(ErrorCode error, String message) {
        super(message);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }
}
