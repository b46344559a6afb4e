package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.log.AppendResult;

/// Hears how an append to a partition goes: `onAppended` once, then, if that was not yet committed, `onCommitted` or
/// `onCommitFailed` once. Called in the partition's turn: must be quick and must not block.
public interface AppendListener {
    /// The records lie in the leader's log, or do not. With `committed` nothing more will be heard: they are below the
    /// high watermark already, or were not appended.
    ///
    /// @param index the caller's own number for this partition
    void onAppended(int index, AppendResult result, boolean committed);

    /// The high watermark has passed the records.
    void onCommitted(int index);

    /// Whether the records will be committed is unknown: the leadership is gone.
    void onCommitFailed(int index, ErrorCode error);
}
