package dev.tidemark.dist.cli.produce;

import dev.tidemark.client.ClientException;
import dev.tidemark.client.cluster.Await;
import dev.tidemark.client.producer.RecordMetadata;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What was sent, and the first failure. Owner: the command's thread; the failure comes from the producer's.
final class Delivery {
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();
    private long sent;
    private long bytes;

    void expect(CompletableFuture<RecordMetadata> future, int size) {
        sent++;
        bytes += size;
        Await.whenDone(future, (metadata, failed) -> {
            if (failed != null) failure.compareAndSet(null, Await.clientException(failed));
        });
    }

    boolean isFine() {
        return failure.get() == null;
    }

    void throwIfFailed() {
        ClientException first = failure.get();
        if (first != null) throw ClientException.here(first);
    }

    long sent() {
        return sent;
    }

    long bytes() {
        return bytes;
    }
}
