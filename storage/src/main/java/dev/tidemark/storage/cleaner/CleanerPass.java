package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.cleaner.BatchFilter.Outcome;

/// Counts what one pass over a log does, and slows it down. Owner: one pass.
final class CleanerPass {
    private final IoThrottle throttle;
    private long bytesRead;
    private long bytesWritten;
    private long batchesRead;
    private long batchesKept;

    CleanerPass(IoThrottle throttle) {
        this.throttle = throttle;
    }

    void onRead(long bytes) throws InterruptedException {
        bytesRead += bytes;
        throttle.onBytes(bytes);
    }

    void onWritten(long bytes) throws InterruptedException {
        bytesWritten += bytes;
        throttle.onBytes(bytes);
    }

    void onBatch(BatchHeader batch, Outcome outcome) {
        batchesRead++;
        if (!(outcome instanceof Outcome.Nothing)) batchesKept++;
    }

    CleaningResult result(long cleanedTo, int keys, boolean completed) {
        return new CleaningResult(cleanedTo, completed, keys, bytesRead, bytesWritten, batchesRead, batchesKept);
    }
}
