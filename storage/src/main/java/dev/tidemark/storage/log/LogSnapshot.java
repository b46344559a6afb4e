package dev.tidemark.storage.log;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A log as it was at one moment: an immutable value for readers on any thread, who share no lock with the writer.
/// Reads may block on the disk where the wanted bytes are cold; looking up an offset near the end never does.
@SuppressWarnings("DoNotCallSuggester")
public final class LogSnapshot {
    /// The first offset that may be read.
    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    /// The offset that the next record gets.
    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    /// The bytes of all segments.
    public long sizeInBytes() {
        throw new UnsupportedOperationException();
    }

    /// Batches from the one that holds `fetchOffset` on, and none that holds `upperOffset` or a higher one.
    ///
    /// @param maxBytes      how much to give; whole batches where the ends of batches are known without a search
    /// @param minOneMessage give the first batch whole although it is larger than `maxBytes`
    /// @param upperOffset   exclusive bound: high watermark, last stable offset or log end offset
    /// @throws IOException if the disk fails; the log goes on with what it can
    public ReadResult read(long fetchOffset, int maxBytes, boolean minOneMessage, long upperOffset) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The first record, by offset, whose timestamp is `timestampMs` or later, from the log start offset on.
    public Optional<TimestampAndOffset> offsetForTimestamp(long timestampMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The first of the records with the largest timestamp.
    public Optional<TimestampAndOffset> offsetOfMaxTimestamp() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The aborted transactions that touch the offsets from `fetchOffset` to `upperOffset` (exclusive), in the order of
    /// their first offsets.
    public List<AbortedTransaction> abortedTransactions(long fetchOffset, long upperOffset) throws IOException {
        throw new UnsupportedOperationException();
    }
}
