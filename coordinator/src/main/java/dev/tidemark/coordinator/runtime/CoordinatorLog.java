package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;

/// The seam to one partition of an internal topic, led by this broker in one leader epoch. An instance serves that
/// epoch only: whatever is given to it after the broker lost the leadership fails with `NOT_LEADER_OR_FOLLOWER`.
///
/// Implemented by the broker over its partition, and by the simulator. No method blocks.
public interface CoordinatorLog {
    /// Whether the broker leads the partition in this epoch, as far as it can know: also where it has not heard yet of
    /// somebody else who leads, but of a reason why somebody may. From any thread.
    default boolean isLed() {
        return true;
    }

    /// Appends `batch` as one record batch with the origin *coordinator*, stamped with the wall clock, as a leader of
    /// this epoch and with acks=all semantic (`min.insync.replicas` is asked for before the append).
    void append(LogBatch batch, AppendListener listener);

    /// Appends the end of a transaction, as [#append] does. One that is there already counts as appended.
    void appendMarker(EndMarker marker, AppendListener listener);

    /// Reads the log from its start to its end as of now, also what lies above the high watermark, and hands over
    /// every batch and marker in order, on an executor of its own. Reading ends with exactly one of `onEnd` and
    /// `onFailed`; `onCommitted` comes once after `onEnd`, or never where the leadership is lost before.
    void replay(ReplayListener listener);

    /// Hears of one append, on any thread (also the caller's, before `append` returns): either `onAppended` and then
    /// `onCommitted`, or `onFailed` in place of either. Appends of one log are told in the order in which they were
    /// given.
    interface AppendListener {
        /// The records are in the local log.
        void onAppended();

        /// The high watermark has passed the records.
        void onCommitted();

        /// Before `onAppended`: nothing was appended. After it: the broker lost the leadership, and what becomes of
        /// the records is the next leader's to say.
        void onFailed(ErrorCode error);
    }

    /// Hears of one replay, one call at a time.
    interface ReplayListener {
        /// The next data batch, decompressed. `false` stops the replay, then nothing more is called.
        boolean onBatch(LogBatch batch);

        /// A transaction ended here. `false` stops the replay.
        boolean onMarker(long producerId, boolean commit);

        /// Everything was handed over. Some of it may not be committed yet: until [#onCommitted] nobody may be told
        /// what follows from it, as another leader might not know it.
        void onEnd();

        /// The high watermark has passed all that was handed over. On any thread.
        void onCommitted();

        /// The log cannot be read, or the leadership is lost.
        void onFailed(ErrorCode error);
    }
}
