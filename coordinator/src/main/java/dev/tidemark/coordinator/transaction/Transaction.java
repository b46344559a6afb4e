package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is known of a transactional id: its producer and the newest transaction. Immutable.
///
/// @param previousProducerId that of the producer before its epochs were used up, -1 for none
/// @param nextProducerId what the producer was told to be, while the transaction is another one's still: once it is
///     decided, until the markers are written, where the epochs of `producerId` are used up; and from the moment on
///     in which another client took an open transaction over, to end it (KIP-939). -1 for the same
/// @param nextEpoch the epoch that goes with `nextProducerId`, -1 without one
/// @param epoch the only one that may begin, fill or end a transaction; of a decided one: that
/// of the markers
/// @param lastEpoch the one before, if the producer that had it is the one that has `epoch`; -1 otherwise. Not in the
///     log: it only makes repeated requests harmless
/// @param partitions those that take part, and once it is decided those that lack their marker
/// @param startMs of the newest transaction, -1 if there was none; by the wall clock
/// @param clientVersion `transaction.version` as the producer speaks it: from 2 on each end
/// gives it another epoch
public record Transaction(
        long producerId,
        long previousProducerId,
        long nextProducerId,
        short nextEpoch,
        short epoch,
        short lastEpoch,
        int timeoutMs,
        TransactionState state,
        SortedSet<TopicPartition> partitions,
        long startMs,
        long updatedMs,
        short clientVersion) {
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_EPOCH = -1;
    public static final long NO_TIME = -1;

    /// Of producers in a two-phase commit: their transactions stay open until somebody ends them.
    static final int NO_TIMEOUT = Integer.MAX_VALUE;

    /// The last epoch that a producer may have: the one above is left for the marker that
    /// fences it.
    static final short EPOCH_MAX = Short.MAX_VALUE - 1;

    public Transaction {
        partitions = Collections.unmodifiableSortedSet(new TreeSet<>(partitions));
    }

    /// Of an id that is new.
    static Transaction of(long producerId, int timeoutMs, long nowMs) {
        return new Transaction(
                producerId,
                NO_PRODUCER_ID,
                NO_PRODUCER_ID,
                NO_EPOCH,
                (short) 0,
                NO_EPOCH,
                timeoutMs,
                TransactionState.EMPTY,
                new TreeSet<>(),
                NO_TIME,
                nowMs,
                (short) 0);
    }

    boolean isEpochExhausted() {
        return epoch >= EPOCH_MAX;
    }

    /// Whether this is what the producer was told to be from now on, while the markers of its last
    /// transaction are on their way in the name of what it was.
    boolean isNext(long producerId, short epoch) {
        return state.isPrepared() && hasNext() && producerId == nextProducerId && epoch == nextEpoch;
    }

    private boolean hasNext() {
        return nextProducerId != NO_PRODUCER_ID;
    }

    /// Whether another client took the open transaction over, to end it: whoever wrote it is put out.
    boolean isKept() {
        return state == TransactionState.ONGOING && hasNext();
    }

    /// Whether it is decided, after another client took it over.
    boolean wasKept() {
        return state.isPrepared() && hasNext() && nextEpoch > 0;
    }

    /// Whether this is the producer that may go on; of a decided one that was taken over: that ended it.
    boolean isOwnedBy(long producerId, short epoch) {
        if (isKept()) return producerId == nextProducerId && epoch == nextEpoch;
        if (wasKept()) return producerId == nextProducerId && epoch + 1 == nextEpoch;
        return producerId == this.producerId && epoch == this.epoch;
    }

    boolean hasTimeout() {
        return timeoutMs != NO_TIMEOUT;
    }

    boolean isCommit() {
        return state == TransactionState.PREPARE_COMMIT;
    }

    /// A producer that begins anew with the same id.
    Transaction renewed(int epoch, int lastEpoch, int timeoutMs, long nowMs) {
        return new Transaction(
                producerId,
                previousProducerId,
                NO_PRODUCER_ID,
                NO_EPOCH,
                (short) epoch,
                (short) lastEpoch,
                timeoutMs,
                TransactionState.EMPTY,
                new TreeSet<>(),
                NO_TIME,
                nowMs,
                clientVersion);
    }

    /// A producer that begins anew with another id, as the epochs of this one are used up.
    Transaction rotated(long freshProducerId, int lastEpoch, int timeoutMs, long nowMs) {
        return new Transaction(
                freshProducerId,
                producerId,
                NO_PRODUCER_ID,
                NO_EPOCH,
                (short) 0,
                (short) lastEpoch,
                timeoutMs,
                TransactionState.EMPTY,
                new TreeSet<>(),
                NO_TIME,
                nowMs,
                clientVersion);
    }

    Transaction with(SortedSet<TopicPartition> added, short version, long nowMs) {
        boolean isOngoing = state == TransactionState.ONGOING;
        TreeSet<TopicPartition> all = new TreeSet<>(added);
        if (isOngoing) all.addAll(partitions);
        return new Transaction(
                producerId,
                previousProducerId,
                NO_PRODUCER_ID,
                NO_EPOCH,
                epoch,
                lastEpoch,
                timeoutMs,
                TransactionState.ONGOING,
                all,
                isOngoing ? startMs : nowMs,
                nowMs,
                version);
    }

    /// Stays open, and is another client's to end.
    Transaction kept(long nextProducerId, int nextEpoch, long nowMs) {
        return new Transaction(
                producerId,
                previousProducerId,
                nextProducerId,
                (short) nextEpoch,
                epoch,
                NO_EPOCH,
                timeoutMs,
                state,
                partitions,
                startMs,
                nowMs,
                clientVersion);
    }

    /// Decided. `nextProducerId` and `nextEpoch` are -1 where the producer stays what the marker says.
    Transaction prepared(
            TransactionState outcome,
            int markerEpoch,
            int lastEpoch,
            long nextProducerId,
            int nextEpoch,
            short version,
            long nowMs) {
        return new Transaction(
                producerId,
                previousProducerId,
                nextProducerId,
                (short) nextEpoch,
                (short) markerEpoch,
                (short) lastEpoch,
                timeoutMs,
                outcome,
                partitions,
                startMs,
                nowMs,
                version);
    }

    /// Decided after it was taken over: the markers speak for the producer that wrote it, and the one that took it over
    /// goes on as what it was told to be.
    Transaction endedByTaker(TransactionState outcome, int bump, int lastEpoch, short version, long nowMs) {
        int markerEpoch = Math.min(epoch + bump, Short.MAX_VALUE);
        return prepared(outcome, markerEpoch, lastEpoch, nextProducerId, nextEpoch + bump, version, nowMs);
    }

    Transaction awaiting(SortedSet<TopicPartition> left) {
        return new Transaction(
                producerId,
                previousProducerId,
                nextProducerId,
                nextEpoch,
                epoch,
                lastEpoch,
                timeoutMs,
                state,
                left,
                startMs,
                updatedMs,
                clientVersion);
    }

    /// All markers are written: the next transaction may begin.
    Transaction completed(long nowMs) {
        boolean rotates = hasNext() && !wasKept();
        return new Transaction(
                hasNext() ? nextProducerId : producerId,
                rotates ? producerId : previousProducerId,
                NO_PRODUCER_ID,
                NO_EPOCH,
                hasNext() ? nextEpoch : epoch,
                rotates ? NO_EPOCH : lastEpoch,
                timeoutMs,
                isCommit() ? TransactionState.COMPLETE_COMMIT : TransactionState.COMPLETE_ABORT,
                new TreeSet<>(),
                startMs,
                nowMs,
                clientVersion);
    }

    /// As another leader knows it.
    Transaction durable() {
        return new Transaction(
                producerId,
                previousProducerId,
                nextProducerId,
                nextEpoch,
                epoch,
                NO_EPOCH,
                timeoutMs,
                state,
                partitions,
                startMs,
                updatedMs,
                clientVersion);
    }
}
