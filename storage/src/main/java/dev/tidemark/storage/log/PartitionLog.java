package dev.tidemark.storage.log;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/// The log of one partition. Methods marked *writer* are called by the partition's serial only, one at a time; all
/// others from any thread. Made by [dev.tidemark.storage.directory.LogDirectory].
@SuppressWarnings("DoNotCallSuggester")
public final class PartitionLog {
    public TopicPartition topicPartition() {
        throw new UnsupportedOperationException();
    }

    /// [Uuid#ZERO] where the folder does not tell.
    public Uuid topicId() {
        throw new UnsupportedOperationException();
    }

    public LogConfig config() {
        throw new UnsupportedOperationException();
    }

    /// The log as it is now.
    public LogSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    /// Writer. Gives the batches their offsets, `leaderEpoch`, and the time where the topic wants it, in place in
    /// `batches`, and writes them as they are. All or nothing.
    ///
    /// @param batches direct memory that holds whole batches between position and limit; its bytes are changed, its
    ///                position and limit stay; free again on return
    /// @param wallMs  now, by the wall clock
    public AppendResult appendAsLeader(ByteBuffer batches, int leaderEpoch, AppendOrigin origin, long wallMs) {
        throw new UnsupportedOperationException();
    }

    /// Writer. Appends what a leader sent, offsets and epochs as they are. A partial batch at the end is left out.
    public AppendResult appendAsFollower(ByteBuffer batches, long wallMs) {
        throw new UnsupportedOperationException();
    }

    /// Writer. This broker leads in `leaderEpoch`, which begins at the log end offset: to be called before the first
    /// append in it. An epoch that is known already changes nothing.
    public void onBecomeLeader(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /// The last offset of `leaderEpoch`, for OffsetForLeaderEpoch and diverging epochs.
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    public OptionalInt latestEpoch() {
        throw new UnsupportedOperationException();
    }

    /// Writer. Removes all records from `offset` on.
    ///
    /// @return whether there were any
    public boolean truncateTo(long offset) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Writer. Forgets all records; the next one gets `offset`.
    public void truncateFullyAndStartAt(long offset) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Writer. Moves the log start offset up to `offset` (not beyond the log end offset). The segments below go in the
    /// background.
    ///
    /// @return the log start offset
    public long deleteRecordsTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /// Writer. Begins a new segment unless the active one is empty.
    public void roll(long wallMs) {
        throw new UnsupportedOperationException();
    }

    /// Writer.
    public void onConfigChange(LogConfig config) {
        throw new UnsupportedOperationException();
    }

    /// Tells the log the high watermark: for the checkpoint, for transactions and for deletion, which never goes
    /// beyond it. Writer.
    public void onHighWatermark(long highWatermark) {
        throw new UnsupportedOperationException();
    }

    /// The high watermark told last, and after a start the one of the checkpoint.
    public long highWatermark() {
        throw new UnsupportedOperationException();
    }

    /// The offset below which no transaction is open, at most the high watermark.
    public long lastStableOffset() {
        throw new UnsupportedOperationException();
    }

    /// Writer. The producers that are remembered.
    public List<ProducerView> activeProducers(long wallMs) {
        throw new UnsupportedOperationException();
    }

    /// Forces what was appended so far, on the directory's executor, together with what others want forced.
    public CompletableFuture<Void> force() {
        throw new UnsupportedOperationException();
    }

    /// All below is on the disk.
    public long recoveryPoint() {
        throw new UnsupportedOperationException();
    }
}
