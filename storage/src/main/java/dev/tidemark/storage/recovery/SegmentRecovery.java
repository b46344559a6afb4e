package dev.tidemark.storage.recovery;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.epoch.LeaderEpochs;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.producer.ProducerBatches;
import dev.tidemark.storage.producer.ProducerStates;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Walks what a crash may have torn: every batch from an offset on must be sound and in order; what follows the first
/// one that is not is cut off. On the way it makes the indexes, the leader epochs and the producers' state anew.
/// Owner: the thread that loads a log.
final class SegmentRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentRecovery.class);
    private static final int SEARCH_BYTES = 1 << 16;

    private final ByteBuffer buffer;
    private final int indexIntervalBytes;
    private final long wallMs;
    private LeaderEpochs epochs;
    private final ProducerStates producers;
    private final StatesAt statesAt;
    /// As [#producers], but as of the batch that is looked at: a snapshot may lie behind it, and the transaction index
    /// is made anew all the same.
    private @Nullable ProducerStates indexing;
    private long nextOffset;
    /// Behind the last sound batch, which may be one of a segment before: there or in the gap behind it begins an epoch
    /// whose first records were compacted.
    private long end = Long.MAX_VALUE;

    /// The producers' state as of an offset.
    interface StatesAt {
        ProducerStates at(long offset) throws IOException;
    }

    /// @param buffer to read into
    SegmentRecovery(
            ByteBuffer buffer,
            int indexIntervalBytes,
            LeaderEpochs epochs,
            ProducerStates producers,
            StatesAt statesAt,
            long wallMs) {
        this.statesAt = statesAt;
        this.buffer = buffer;
        this.indexIntervalBytes = indexIntervalBytes;
        this.epochs = epochs;
        this.producers = producers;
        this.wallMs = wallMs;
    }

    LeaderEpochs epochs() {
        return epochs;
    }

    ProducerStates producers() {
        return producers;
    }

    /// The offset behind the last sound batch.
    long nextOffset() {
        return nextOffset;
    }

    /// Recovers a segment from `offset` on; what lies before it is taken for sound where its index and one batch are.
    ///
    /// @return whether all of the file was sound
    boolean recover(LogSegment segment, long offset) throws IOException {
        int fileSize = segment.sizeInBytes();
        nextOffset = segment.baseOffset();
        end = Math.min(end, nextOffset);
        int from = offset > segment.baseOffset() ? rewind(segment, offset) : 0;
        if (from == 0) segment.resetIndexes();
        if (indexing == null && nextOffset < producers.endOffset()) indexing = statesAt.at(nextOffset);
        BatchCursor cursor = new BatchCursor(segment.log(), from, fileSize, buffer);
        String problem = null;
        while (problem == null && cursor.next()) {
            problem = problemOf(cursor.whole(), segment.baseOffset());
            if (problem == null) take(cursor.header(), segment);
        }
        if (problem == null) problem = cursor.problem();
        if (problem != null) cut(segment, fileSize, problem);
        // Of what lies below the recovery point the next start would not make it anew.
        if (offset > segment.baseOffset()) segment.forceAborted();
        return problem == null;
    }

    /// Where the batches from `offset` on begin, if the index and the batch before can be trusted: then the segment
    /// ends there for now. Else 0.
    private int rewind(LogSegment segment, long offset) {
        try {
            if (!segment.areIndexesPlausible()) return 0;
            BatchCursor before = segment.seek(offset - 1, segment.sizeInBytes());
            if (before.size() == 0) return 0;
            BatchHeader batch = before.whole();
            if (batch.nextOffset() != offset || !batch.isCrcValid()) return 0;
            segment.rewindTo(before.endPosition(), offset);
            nextOffset = offset;
            end = offset;
            return before.endPosition();
        } catch (IOException unusable) {
            LOG.info("{} is recovered from its begin: {}", segment, unusable.getMessage());
            return 0;
        }
    }

    private @Nullable String problemOf(BatchHeader batch, long baseOffset) {
        if (!batch.isCrcValid()) return "a batch's checksum is wrong";
        if (batch.baseOffset() < nextOffset) return "offset " + batch.baseOffset() + " follows " + (nextOffset - 1);
        if (batch.lastOffset() - baseOffset > Integer.MAX_VALUE) return "offset " + batch.lastOffset() + " is too far";
        return null;
    }

    private void take(BatchHeader batch, LogSegment segment) throws IOException {
        segment.add(batch, indexIntervalBytes);
        if (batch.leaderEpoch() >= 0) epochs = epochs.withStart(batch.leaderEpoch(), end);
        nextOffset = batch.nextOffset();
        end = nextOffset;
        Optional<AbortedTransaction> aborted = Optional.empty();
        if (batch.baseOffset() >= producers.endOffset()) aborted = ProducerBatches.apply(producers, batch, wallMs);
        if (indexing != null) aborted = ProducerBatches.apply(indexing, batch, wallMs);
        if (aborted.isPresent()) segment.addAborted(aborted.get());
    }

    private void cut(LogSegment segment, int fileSize, String problem) throws IOException {
        int soundBytes = segment.sizeInBytes();
        int intactBehind = intactBatchesBehind(segment, soundBytes, fileSize);
        if (intactBehind > 0) {
            LOG.error(
                    "{} is damaged in its middle, at position {} of {}: {}. All from offset {} on is cut off, "
                            + "with at least {} batches that were whole",
                    segment.log().path(),
                    soundBytes,
                    fileSize,
                    problem,
                    nextOffset,
                    intactBehind);
        } else {
            LOG.warn(
                    "{} has a torn tail: {} bytes from position {} on are cut off ({}); the log ends at offset {}",
                    segment.log().path(),
                    fileSize - soundBytes,
                    soundBytes,
                    problem,
                    nextOffset);
        }
        segment.log().truncate(soundBytes);
        // Where the recovery point is here already nobody forces this later: a power cut would bring the rest back.
        segment.log().force();
    }

    /// How many whole batches follow the damage: tells a torn tail, which is what a crash leaves, from a damaged
    /// middle.
    private int intactBatchesBehind(LogSegment segment, int from, int fileSize) throws IOException {
        int intact = 0;
        int at = from + 1;
        while (at < fileSize - BatchHeader.BYTES) {
            int next = nextIntact(segment, at, fileSize);
            if (next < 0) break;
            intact++;
            at = next;
        }
        return intact;
    }

    /// Where the first intact batch at or behind `from` ends, -1 if there is none.
    private int nextIntact(LogSegment segment, int from, int fileSize) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(SEARCH_BYTES);
        for (int at = from; at < fileSize - BatchHeader.BYTES; at += SEARCH_BYTES - BatchHeader.BYTES) {
            window.clear();
            segment.log().read(window, at);
            window.flip();
            for (int i = 0; i + BatchHeader.BYTES <= window.limit(); i++) {
                if (!mayBegin(window, i, fileSize - at - i)) continue;
                BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), at + i, fileSize);
                if (cursor.next() && cursor.whole().isCrcValid()) return cursor.endPosition();
            }
        }
        return -1;
    }

    private boolean mayBegin(ByteBuffer window, int at, int bytesLeft) {
        BatchHeader batch = new BatchHeader(window, at);
        if (batch.magic() != BatchHeader.MAGIC || batch.baseOffset() < nextOffset) return false;
        int size = BatchHeader.sizeAt(window, at);
        return size > 0 && size <= bytesLeft;
    }
}
