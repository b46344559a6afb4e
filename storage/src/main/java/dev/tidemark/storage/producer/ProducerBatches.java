package dev.tidemark.storage.producer;

import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.RecordCursor;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.AppendOrigin;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads out of record batches what [ProducerStates] wants to know.
public final class ProducerBatches {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerBatches.class);
    private static final int CONTROL_BYTES_MAX = 1 << 16;
    private static final int MARKER_VALUE_BYTES = 6;

    private ProducerBatches() {}

    /// Whether a batch with a producer id may be appended at `firstOffset`.
    ///
    /// @param batch with all its bytes
    public static Verdict check(ProducerStates states, BatchHeader batch, long firstOffset, AppendOrigin origin) {
        if (!batch.isControl()) return states.check(dataOf(batch, firstOffset), origin);
        TransactionMarker marker = markerOf(batch, firstOffset);
        return marker == null ? Verdict.ACCEPTED : states.check(marker, origin);
    }

    /// Takes in a batch that is in the log.
    ///
    /// @param batch with its final offsets; with all its bytes where it is a control batch
    /// @return what belongs into the transaction index
    public static Optional<AbortedTransaction> apply(ProducerStates states, BatchHeader batch, long wallMs) {
        Optional<AbortedTransaction> aborted = Optional.empty();
        if (batch.hasProducerId()) {
            if (!batch.isControl()) {
                states.apply(dataOf(batch, batch.baseOffset()), wallMs);
            } else {
                TransactionMarker marker = understood(batch);
                if (marker != null) aborted = states.apply(marker, wallMs);
            }
        }
        states.advanceTo(batch.nextOffset());
        return aborted;
    }

    /// What is in the log stays there, whatever it says.
    private static @Nullable TransactionMarker understood(BatchHeader batch) {
        try {
            return markerOf(batch, batch.baseOffset());
        } catch (MalformedException malformed) {
            LOG.error(
                    "The control batch of producer {} at offset {} says nothing that is understood: {}",
                    batch.producerId(),
                    batch.baseOffset(),
                    malformed.getMessage());
            return null;
        }
    }

    private static ProducerBatch dataOf(BatchHeader batch, long firstOffset) {
        return new ProducerBatch(
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                firstOffset,
                batch.lastOffsetDelta(),
                batch.maxTimestamp(),
                batch.isTransactional());
    }

    /// Null where the batch ends no transaction: another kind of control batch, or one that compaction emptied.
    private static @Nullable TransactionMarker markerOf(BatchHeader batch, long firstOffset) {
        try (RecordCursor records = new RecordCursor(batch, CONTROL_BYTES_MAX)) {
            if (!records.next()) return null;
            ByteBuffer key = records.key();
            ByteBuffer value = records.value();
            ControlRecordType type = key == null ? null : ControlRecordType.ofKey(key);
            boolean isCommit = type == ControlRecordType.COMMIT;
            if (!isCommit && type != ControlRecordType.ABORT) return null;
            if (value == null || value.remaining() < MARKER_VALUE_BYTES) {
                throw new MalformedException("a transaction marker without a coordinator epoch");
            }
            int coordinatorEpoch = value.getInt(value.position() + 2);
            return new TransactionMarker(
                    batch.producerId(),
                    batch.producerEpoch(),
                    coordinatorEpoch,
                    isCommit,
                    firstOffset,
                    records.timestamp());
        }
    }
}
