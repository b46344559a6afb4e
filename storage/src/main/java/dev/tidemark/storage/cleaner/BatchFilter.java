package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordCursor;
import dev.tidemark.storage.log.ProducerEnd;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides what is left of each batch of a log that is being compacted, batches given in order.
///
/// - Of each key the record with the latest offset stays; records behind the map's last offset stay all.
/// - A tombstone, and the marker of a transaction without records, stay until the batch's delete horizon, which the
///   pass that meets them first sets to now + `delete.retention.ms` (KIP-534), so that a reader who began before has
///   the time to see them.
/// - Records of aborted transactions go at once. Records without a key have no place in a compacted topic and go too.
/// - A batch keeps its offsets, and stays without a record where it is the last of its producer, whose sequence would
///   be forgotten otherwise.
final class BatchFilter {
    /// What is left of a batch.
    sealed interface Outcome {
        /// All of it, as it is.
        record Whole() implements Outcome {}

        record Nothing() implements Outcome {}

        /// A new batch, whole, from its buffer's position 0 on.
        record Rewritten(ByteBuffer batch) implements Outcome {}
    }

    static final Outcome WHOLE = new Outcome.Whole();
    private static final Outcome NOTHING = new Outcome.Nothing();

    private final OffsetMap latest;
    private final Map<Long, ProducerEnd> producerEnds;
    private final long nowMs;
    private final long deleteRetentionMs;
    private final int decompressedBytesMax;

    BatchFilter(
            OffsetMap latest,
            Map<Long, ProducerEnd> producerEnds,
            long nowMs,
            long deleteRetentionMs,
            int decompressedBytesMax) {
        this.latest = latest;
        this.producerEnds = producerEnds;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /// @param isAborted as [CleanedTransactions] says
    Outcome filterRecords(BatchHeader batch, boolean isAborted) {
        BitSet kept = new BitSet();
        boolean tombstoneKept = false;
        int count = batch.recordCount();
        if (!isAborted && count > 0) {
            boolean horizonPassed = isHorizonPassed(batch);
            try (RecordCursor cursor = new RecordCursor(batch, decompressedBytesMax)) {
                while (cursor.next()) {
                    if (!isKept(cursor, horizonPassed)) continue;
                    kept.set(cursor.index());
                    tombstoneKept |= cursor.valueSize() < 0;
                }
            }
        }
        return outcome(batch, kept, tombstoneKept);
    }

    /// @param isEmpty whether the marker's transaction has no records left
    Outcome filterMarker(BatchHeader batch, boolean isEmpty) {
        BitSet kept = new BitSet();
        if (!isEmpty || !isHorizonPassed(batch)) kept.set(0, batch.recordCount());
        return outcome(batch, kept, isEmpty);
    }

    private boolean isHorizonPassed(BatchHeader batch) {
        return batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
    }

    private boolean isKept(RecordCursor record, boolean horizonPassed) {
        if (record.offset() > latest.latestOffset()) return true;
        ByteBuffer key = record.key();
        if (key == null || record.offset() < latest.get(key)) return false;
        return record.valueSize() >= 0 || !horizonPassed;
    }

    private Outcome outcome(BatchHeader batch, BitSet kept, boolean needsHorizon) {
        boolean horizonToSet = needsHorizon && !kept.isEmpty() && !batch.hasDeleteHorizon();
        int count = batch.recordCount();
        if (kept.cardinality() == count && !horizonToSet && count > 0) return WHOLE;
        if (!kept.isEmpty()) {
            Long horizonMs = batch.hasDeleteHorizon() ? (Long) batch.baseTimestamp() : null;
            if (horizonToSet) horizonMs = horizonMs();
            return new Outcome.Rewritten(rewritten(batch, kept, horizonMs));
        }
        if (!isLastOfProducer(batch)) return NOTHING;
        return count == 0 ? WHOLE : new Outcome.Rewritten(emptied(batch));
    }

    private long horizonMs() {
        long horizonMs = nowMs + deleteRetentionMs;
        return horizonMs < nowMs ? Long.MAX_VALUE : horizonMs;
    }

    private boolean isLastOfProducer(BatchHeader batch) {
        if (!batch.hasProducerId()) return false;
        ProducerEnd end = producerEnds.get(batch.producerId());
        if (end == null) return false;
        if (end.lastDataOffset() >= 0) return batch.lastOffset() == end.lastDataOffset();
        return batch.isControl() && batch.producerEpoch() == end.producerEpoch();
    }

    private ByteBuffer rewritten(BatchHeader batch, BitSet kept, @Nullable Long horizonMs) {
        RecordBatchBuilder builder = builderLike(batch, Compression.of(batch.compression()));
        if (horizonMs != null) builder.deleteHorizon(horizonMs);
        try (RecordCursor cursor = new RecordCursor(batch, decompressedBytesMax)) {
            while (cursor.next()) if (kept.get(cursor.index())) builder.add(cursor);
        }
        return builder.lastOffset(batch.lastOffset()).build();
    }

    /// Keeps what the header says of offsets, sequences and time.
    private static ByteBuffer emptied(BatchHeader batch) {
        ByteBuffer empty = builderLike(batch, Compression.NONE)
                .lastOffset(batch.lastOffset())
                .build();
        BatchHeader header = new BatchHeader(empty, 0);
        header.setMaxTimestamp(batch.maxTimestamp());
        header.writeCrc();
        return empty;
    }

    private static RecordBatchBuilder builderLike(BatchHeader batch, Compression compression) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression)
                .baseOffset(batch.baseOffset())
                .leaderEpoch(batch.leaderEpoch())
                .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        if (batch.isTransactional()) builder.transactional();
        if (batch.isControl()) builder.control();
        if (batch.isLogAppendTime()) builder.logAppendTime(batch.maxTimestamp());
        return builder;
    }
}
