package dev.tidemark.storage.log;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/// What a log needs of the directory that holds it. Any thread.
public interface LogHost {
    /// Whether the disk may be written to.
    boolean isOnline();

    /// A write or a force failed: the directory goes offline.
    void onFailure(IOException cause);

    /// Bytes were appended that are not on the disk yet.
    void onAppend(PartitionLog log, int bytes);

    /// Something changed that the checkpoints of offsets hold.
    void onCheckpointChange();

    /// Whether the checkpoint on the disk may say more than the log's recovery point. Never blocks.
    boolean isRecoveryPointAhead(PartitionLog log);

    /// Where the checkpoint on the disk says more than the log's recovery point, writes what is true. May block.
    void lowerRecoveryPoint(PartitionLog log) throws IOException;

    /// Has the checkpoint on the disk say the log's recovery point. May block.
    void raiseRecoveryPoint(PartitionLog log) throws IOException;

    /// Forces all that the log has now, beside others; done with the log's recovery point.
    CompletableFuture<Long> force(PartitionLog log);

    /// Now, by the wall clock.
    long wallMs();

    /// Runs `work` on the disk's executor. Where it fails, the directory goes offline.
    void run(Work work);

    /// As [#run], `delayMs` from now.
    void runAfter(long delayMs, Work work);

    /// Work that may block.
    interface Work {
        void run() throws IOException;
    }
}
