package dev.tidemark.storage.log;

import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.producer.ProducerBatches;
import dev.tidemark.storage.producer.ProducerHistory;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.producer.Verdict;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The producers of a log up to its end, and when a snapshot of them is written. Owner: the log's writer.
final class LogProducers {
    /// So many bytes appended since the last snapshot make a new one worth its while: what a restart has to read again.
    private static final long SNAPSHOT_BYTES = 4L << 20;

    private final ProducerHistory history;
    private final FolderWork background;
    private ProducerStates states;
    private long bytesSinceSnapshot;

    LogProducers(ProducerStates states, ProducerHistory history, FolderWork background) {
        this.states = states;
        this.history = history;
        this.background = background;
    }

    /// Whether all of `batches` may be appended from `offset` on; else what is to be said of the first that may not.
    ///
    /// @throws MalformedException if a control batch cannot be read
    Verdict check(List<BatchHeader> batches, long offset, AppendOrigin origin) {
        long next = offset;
        for (BatchHeader batch : batches) {
            if (batch.hasProducerId()) {
                Verdict verdict = ProducerBatches.check(states, batch, next, origin);
                if (!(verdict instanceof Verdict.Accepted)) return verdict;
            }
            next += batch.lastOffsetDelta() + 1L;
        }
        return Verdict.ACCEPTED;
    }

    /// Takes in a batch that is in the log.
    ///
    /// @return what belongs into the transaction index
    Optional<AbortedTransaction> apply(BatchHeader batch, long wallMs) {
        return ProducerBatches.apply(states, batch, wallMs);
    }

    long firstUnstableOffset() {
        return states.firstUnstableOffset();
    }

    void onHighWatermark(long highWatermark) {
        states.onHighWatermark(highWatermark);
    }

    void expire(long wallMs, long expirationMs) {
        states.expire(wallMs, expirationMs);
    }

    boolean hasOpenTransaction(long producerId) {
        return states.hasOpenTransaction(producerId);
    }

    short epoch(long producerId) {
        return states.epoch(producerId);
    }

    List<ProducerView> views() {
        return states.views();
    }

    Map<Long, ProducerEnd> ends() {
        return states.ends();
    }

    ProducerHistory history() {
        return history;
    }

    /// `bytes` were appended, up to `logEndOffset`.
    void onAppended(int bytes, long logEndOffset) {
        bytesSinceSnapshot += bytes;
        if (bytesSinceSnapshot < SNAPSHOT_BYTES || states.isEmpty()) return;
        snapshot(logEndOffset, false);
    }

    /// Has a snapshot written in the background, unless the log is truncated before.
    ///
    /// @param ofSegment whether a segment begins at `logEndOffset`
    void snapshot(long logEndOffset, boolean ofSegment) {
        bytesSinceSnapshot = 0;
        if (states.isEmpty() && history.isEmpty()) return;
        ByteBuffer content = states.toSnapshot();
        int truncations = history.truncations();
        background.run(() -> history.writeUnlessTruncated(truncations, logEndOffset, content, ofSegment));
    }

    /// Writes and forces the last snapshot, where anybody is known.
    void snapshotAtStop(long logEndOffset) throws IOException {
        boolean known = !states.isEmpty() || !history.isEmpty();
        if (known && !history.has(logEndOffset)) history.write(logEndOffset, states.toSnapshot(), false, true);
    }

    /// Becomes what it was when the log ended at `offset`.
    void restore(List<LogSegment> segments, long offset, long highWatermark, long wallMs) throws IOException {
        history.deleteAbove(offset);
        states = ProducerReplay.upTo(segments, history, segments.getFirst().baseOffset(), offset, wallMs);
        states.onHighWatermark(highWatermark);
    }
}
