package dev.tidemark.metadata.control;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.metadata.store.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what the store says into the control plane's serial.
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    private final Serial serial;

    Turns(Serial serial) {
        this.serial = serial;
    }

    void run(Runnable task) {
        serial.execute(task);
    }

    /// Runs `then` with the reply. Where none comes, nothing is run: whoever waits hears of the lost connection.
    <T> void onReply(CompletableFuture<T> reply, Consumer<T> then) {
        onReply(reply, then, Turns::onSilence);
    }

    private static void onSilence(StoreException silence) {
        if (silence.kind() == StoreException.Kind.REFUSED) LOG.error("{}", silence.getMessage());
    }

    <T> void onReply(CompletableFuture<T> reply, Consumer<T> then, Consumer<StoreException> otherwise) {
        var _ = reply.whenComplete((value, failure) -> run(() -> {
            if (failure == null) then.accept(value);
            else otherwise.accept(storeFailure(failure));
        }));
    }

    /// @throws RuntimeException if `failure` is anything but the store's silence: that is a bug
    private static StoreException storeFailure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof StoreException silence) return silence;
        if (cause instanceof RuntimeException bug) throw bug;
        if (cause instanceof Error error) throw error;
        throw new IllegalStateException(cause);
    }
}
