package dev.tidemark.dist.broker;

import org.jspecify.annotations.Nullable;

/// The broker cannot start, for a reason that the operator can mend. The message is for them.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
