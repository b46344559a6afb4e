package dev.tidemark.storage.producer;

import dev.tidemark.storage.log.ProducerView;
import java.util.Arrays;

/// What is known of one producer: its epoch, its last batches of that epoch (five at most), its open transaction.
/// Owner: [ProducerStates].
final class ProducerState {
    static final int BATCHES_MAX = 5;
    static final short NO_EPOCH = -1;
    static final int NO_SEQUENCE = -1;
    static final long NO_OFFSET = -1;

    /// Each batch takes three longs: last sequence and offset delta, last offset, timestamp.
    private static final int LONGS = 3;

    final long producerId;
    private short epoch = NO_EPOCH;
    private int coordinatorEpoch = -1;
    private long lastTimestampMs = -1;
    private long txnFirstOffset = NO_OFFSET;
    /// By our clock, for expiry: a client's timestamps say nothing of when it was here.
    private long lastSeenMs;

    private long[] batches = {};
    private int batchCount;
    /// The first of the batches is the one that a snapshot tells of; those before it are not known.
    private boolean beginsWithSnapshot;

    ProducerState(long producerId) {
        this.producerId = producerId;
    }

    short epoch() {
        return epoch;
    }

    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    long lastTimestampMs() {
        return lastTimestampMs;
    }

    long txnFirstOffset() {
        return txnFirstOffset;
    }

    long lastSeenMs() {
        return lastSeenMs;
    }

    void seen(long wallMs) {
        lastSeenMs = wallMs;
    }

    int batchCount() {
        return batchCount;
    }

    int lastSequence() {
        return batchCount == 0 ? NO_SEQUENCE : sequence(batchCount - 1);
    }

    long lastOffset() {
        return batchCount == 0 ? NO_OFFSET : offset(batchCount - 1);
    }

    int lastOffsetDelta() {
        return batchCount == 0 ? 0 : offsetDelta(batchCount - 1);
    }

    int sequence(int batch) {
        return (int) (batches[batch * LONGS] >>> 32);
    }

    int offsetDelta(int batch) {
        return (int) batches[batch * LONGS];
    }

    long offset(int batch) {
        return batches[batch * LONGS + 1];
    }

    long timestamp(int batch) {
        return batches[batch * LONGS + 2];
    }

    /// The batch of these sequences, -1 if it is not among the last ones.
    int find(int firstSequence, int lastSequence) {
        for (int i = batchCount - 1; i >= 0; i--) {
            if (sequence(i) == lastSequence && Sequences.minus(lastSequence, offsetDelta(i)) == firstSequence) return i;
        }
        return -1;
    }

    /// Whether a batch up to `lastSequence` lies before the only one that the snapshot told of: then it is in the log,
    /// but not known where.
    boolean isBeforeSnapshot(int lastSequence) {
        return beginsWithSnapshot
                && batchCount > 0
                && Sequences.isBefore(lastSequence, Sequences.minus(sequence(0), offsetDelta(0)));
    }

    /// A new epoch forgets the batches of the one before.
    void toEpoch(short newEpoch) {
        if (newEpoch == epoch) return;
        epoch = newEpoch;
        batchCount = 0;
        beginsWithSnapshot = false;
    }

    void addBatch(int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
        if (batchCount == BATCHES_MAX) {
            System.arraycopy(batches, LONGS, batches, 0, (BATCHES_MAX - 1) * LONGS);
            batchCount--;
            beginsWithSnapshot = false;
        } else if (batchCount * LONGS == batches.length) {
            batches = Arrays.copyOf(batches, batchCount == 0 ? LONGS : BATCHES_MAX * LONGS);
        }
        int at = batchCount * LONGS;
        batches[at] = (long) lastSequence << 32 | offsetDelta;
        batches[at + 1] = lastOffset;
        batches[at + 2] = timestampMs;
        batchCount++;
        lastTimestampMs = timestampMs;
    }

    void beginTransaction(long firstOffset) {
        txnFirstOffset = firstOffset;
    }

    void endTransaction(int newCoordinatorEpoch, long timestampMs) {
        txnFirstOffset = NO_OFFSET;
        coordinatorEpoch = newCoordinatorEpoch;
        lastTimestampMs = timestampMs;
    }

    /// As a snapshot has it.
    void restore(short storedEpoch, int storedCoordinatorEpoch, long storedTimestampMs, long storedTxnFirstOffset) {
        epoch = storedEpoch;
        coordinatorEpoch = storedCoordinatorEpoch;
        lastTimestampMs = storedTimestampMs;
        txnFirstOffset = storedTxnFirstOffset;
        beginsWithSnapshot = true;
    }

    ProducerView view() {
        return new ProducerView(producerId, epoch, lastSequence(), lastTimestampMs, coordinatorEpoch, txnFirstOffset);
    }
}
