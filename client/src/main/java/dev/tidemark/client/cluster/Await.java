package dev.tidemark.client.cluster;

import dev.tidemark.client.ClientException;
import dev.tidemark.client.TimedOutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Waits for futures in the caller's thread.
public final class Await {
    private Await() {}

    /// @throws ClientException the future's own, or [TimedOutException]
    public static <T> T await(CompletableFuture<T> future, long timeoutMs) throws InterruptedException {
        try {
            return future.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new TimedOutException("no answer within " + timeoutMs + " ms");
        } catch (ExecutionException failed) {
            throw ClientException.here(clientException(failed));
        }
    }

    /// Runs `then` with the outcome, on whichever thread brings it; what `then` throws is lost with the future.
    @SuppressWarnings("FutureReturnValueIgnored") // The outcome has gone where it belongs.
    public static <T> void whenDone(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> then) {
        future.whenComplete(then);
    }

    /// What lies under the wrappers of futures; a bug is thrown as it is.
    public static ClientException clientException(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) cause = cause.getCause();
        if (cause instanceof ClientException known) return known;
        if (cause instanceof RuntimeException bug) throw bug;
        throw new IllegalStateException(cause);
    }
}
