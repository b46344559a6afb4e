package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.producer.Sequences;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What idempotent producers sent to a replica that did not lead, so that it was refused.
///
/// A producer that hears of a new leader sends several requests without waiting for answers. When this replica begins
/// to lead between two of them, the first is refused as sent to the wrong broker, and what comes behind it leaves a gap
/// in the sequence. That is the first one's fault: it gets the first one's answer, and the client sends all again in
/// order. (librdkafka before 2.3 ends for good when it hears of a gap right after its leader has died.)
///
/// Owner: the partition's serial.
final class RefusedSequences {
    private static final int PRODUCERS_MAX = 1_000;
    /// An idempotent producer has five requests at most on their way: four behind the one that was refused. Any more
    /// have another cause.
    private static final int BEHIND_MAX = 4;

    /// The first batch of a producer that was refused.
    ///
    /// @param behind how many that came behind it may still be its fault
    private record First(short producerEpoch, int sequence, int behind) {
        boolean explains(BatchHeader batch) {
            return producerEpoch == batch.producerEpoch() && Sequences.isBefore(sequence, batch.baseSequence());
        }

        First answered() {
            return new First(producerEpoch, sequence, behind - 1);
        }
    }

    private @Nullable Map<Long, First> firsts;

    /// The replica does not lead and refuses `batches`, of which nothing is checked yet.
    void onRefused(ByteBuffer batches) {
        if (batches.remaining() < BatchHeader.BYTES) return;
        BatchHeader batch = BatchHeader.of(batches);
        if (batch.magic() != BatchHeader.MAGIC || !batch.hasProducerId()) return;
        Map<Long, First> known = firsts;
        if (known == null) firsts = known = new LinkedHashMap<>();
        if (known.size() == PRODUCERS_MAX)
            known.remove(known.keySet().iterator().next());
        First first = known.get(batch.producerId());
        if (first == null || first.producerEpoch() != batch.producerEpoch())
            known.put(batch.producerId(), new First(batch.producerEpoch(), batch.baseSequence(), BEHIND_MAX));
    }

    /// What the producer of `batches` shall hear, when the leader's log answered `result`.
    AppendResult answer(AppendResult.Rejected result, ByteBuffer batches) {
        if (firsts == null || result.error() != ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) return result;
        BatchHeader batch = BatchHeader.of(batches);
        First first = firsts.get(batch.producerId());
        if (first == null || !first.explains(batch)) return result;
        if (first.behind() == 1) forget(batch.producerId());
        else firsts.put(batch.producerId(), first.answered());
        return Append.rejected(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    /// The leader's log took `batches`: whatever is missing from now on was not refused before.
    void onAccepted(ByteBuffer batches, int position) {
        if (firsts != null) forget(new BatchHeader(batches, position).producerId());
    }

    private void forget(long producerId) {
        if (firsts == null) return;
        firsts.remove(producerId);
        if (firsts.isEmpty()) firsts = null;
    }
}
