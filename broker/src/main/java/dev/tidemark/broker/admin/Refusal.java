package dev.tidemark.broker.admin;

import dev.tidemark.metadata.control.RefusedException;
import dev.tidemark.protocol.ErrorCode;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Why the controller did not do what it was asked, as the wire tells it.
record Refusal(ErrorCode error, String message) {
    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

    static Refusal of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RefusedException refused) {
            return new Refusal(refused.error(), String.valueOf(refused.getMessage()));
        }
        LOG.error("The control plane failed on a client's request", cause);
        return new Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, "The broker failed on this request; its log says more.");
    }
}
