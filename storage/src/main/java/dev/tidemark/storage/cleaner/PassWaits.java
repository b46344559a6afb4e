package dev.tidemark.storage.cleaner;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// How a pass over a log waits, on the thread that does it: for a turn of the log's writer, and where it is to be
/// slow. A seam: in a simulation all else goes on meanwhile, in one thread.
public interface PassWaits {
    /// The thread waits.
    PassWaits BLOCKING = new PassWaits() {
        @Override
        public void sleep(long ms) throws InterruptedException {
            Thread.sleep(ms);
        }

        @Override
        public <T> T await(CompletableFuture<T> result) throws InterruptedException, ExecutionException {
            return result.get();
        }
    };

    void sleep(long ms) throws InterruptedException;

    <T> T await(CompletableFuture<T> result) throws InterruptedException, ExecutionException;
}
