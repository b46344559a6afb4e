package dev.tidemark.coordinator.transaction;

import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/// EndTxn, and the abort on the coordinator's own account.
///
/// From transaction version 2 on each end gives the producer its next epoch (KIP-890), with which the markers are
/// written: nothing of the ended transaction that comes late finds its epoch again. A producer whose answer got lost
/// asks again with the epoch before, and hears the same.
final class Ending {
    private Ending() {}

    static Decision<TransactionInput, TransactionFact, TransactionReply> decide(
            @Nullable Transaction known, TransactionInput.End input, long nowMs) {
        if (known == null) return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        if (known.isNext(input.producerId(), input.epoch())) return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
        boolean isRetry = EndMarker.hasEpochs(input.clientVersion()) && isOfEpochBefore(known, input);
        boolean isCurrent = known.isOwnedBy(input.producerId(), input.epoch());
        if (!isCurrent && !isRetry) {
            boolean isForeign = input.producerId() != known.producerId();
            return refused(isForeign ? ErrorCode.INVALID_PRODUCER_ID_MAPPING : ErrorCode.PRODUCER_FENCED);
        }
        return isRetry ? again(known, input) : first(known, input, nowMs);
    }

    private static boolean isOfEpochBefore(Transaction known, TransactionInput.End input) {
        if (known.isKept()) return false;
        if (known.wasKept()) return known.isOwnedBy(input.producerId(), input.epoch());
        boolean isBefore = input.producerId() == known.producerId() && input.epoch() + 1 == known.epoch();
        boolean isBeforeRotation = input.producerId() == known.previousProducerId()
                && input.epoch() == Transaction.EPOCH_MAX
                && known.epoch() == 0;
        return isBefore || isBeforeRotation;
    }

    /// The request was answered once already, or its transaction was aborted meanwhile: by a timeout, or by a
    /// producer that took the id. A commit then must look like what it is to its producer, that it was put out
    /// (KAFKA-20785).
    private static Decision<TransactionInput, TransactionFact, TransactionReply> again(
            Transaction known, TransactionInput.End input) {
        return switch (known.state()) {
            case PREPARE_COMMIT ->
                refused(input.commit() ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE);
            case PREPARE_ABORT ->
                refused(input.commit() ? ErrorCode.PRODUCER_FENCED : ErrorCode.CONCURRENT_TRANSACTIONS);
            case COMPLETE_COMMIT -> input.commit() ? asNow(known) : refused(ErrorCode.INVALID_TXN_STATE);
            case COMPLETE_ABORT ->
                // The epoch above the last is a marker's only: this producer has to begin anew.
                input.commit() || known.epoch() > Transaction.EPOCH_MAX
                        ? refused(ErrorCode.PRODUCER_FENCED)
                        : asNow(known);
            // The transaction after that one, or a producer that has taken the id.
            case ONGOING, EMPTY -> refused(ErrorCode.PRODUCER_FENCED);
        };
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> first(
            Transaction known, TransactionInput.End input, long nowMs) {
        boolean commit = input.commit();
        boolean mayEndNothing = EndMarker.hasEpochs(input.clientVersion()) && !commit;
        return switch (known.state()) {
            case ONGOING -> end(known, input, nowMs);
            case PREPARE_COMMIT -> refused(commit ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE);
            case PREPARE_ABORT -> refused(commit ? ErrorCode.INVALID_TXN_STATE : ErrorCode.CONCURRENT_TRANSACTIONS);
            case COMPLETE_COMMIT -> {
                if (mayEndNothing) yield end(known, input, nowMs);
                boolean isKnown = commit && !EndMarker.hasEpochs(input.clientVersion());
                yield isKnown ? asNow(known) : refused(ErrorCode.INVALID_TXN_STATE);
            }
            case COMPLETE_ABORT -> {
                if (mayEndNothing) yield end(known, input, nowMs);
                yield commit ? refused(ErrorCode.INVALID_TXN_STATE) : asNow(known);
            }
            case EMPTY -> mayEndNothing ? end(known, input, nowMs) : refused(ErrorCode.INVALID_TXN_STATE);
        };
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> end(
            Transaction known, TransactionInput.End input, long nowMs) {
        if (known.epoch() > Transaction.EPOCH_MAX) return refused(ErrorCode.PRODUCER_FENCED);
        boolean bumps = EndMarker.hasEpochs(input.clientVersion());
        if (known.isKept()) {
            int lastEpoch = bumps ? known.nextEpoch() : Transaction.NO_EPOCH;
            Transaction next =
                    known.endedByTaker(outcome(input), bumps ? 1 : 0, lastEpoch, input.clientVersion(), nowMs);
            return Decided.prepare(next, identity(next));
        }
        boolean rotates = bumps && known.isEpochExhausted();
        if (rotates && input.freshProducerId() == Transaction.NO_PRODUCER_ID)
            return Decided.answer(new TransactionReply.NeedsProducerId());
        boolean hasParts = known.state() == TransactionState.ONGOING;
        Transaction next = known.prepared(
                outcome(input),
                bumps ? known.epoch() + 1 : known.epoch(),
                bumps ? known.epoch() : known.lastEpoch(),
                rotates ? input.freshProducerId() : Transaction.NO_PRODUCER_ID,
                rotates ? 0 : Transaction.NO_EPOCH,
                input.clientVersion(),
                nowMs);
        if (!hasParts) {
            // A producer that cannot know whether anything arrived aborts to get its next epoch. Nobody needs a marker.
            Transaction done = next.completed(nowMs);
            return Decided.save(done, identity(done));
        }
        return Decided.prepare(next, identity(next));
    }

    private static TransactionState outcome(TransactionInput.End input) {
        return input.commit() ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT;
    }

    /// Aborts without being asked, in an epoch that the producer does not have.
    static Decision<TransactionInput, TransactionFact, TransactionReply> fence(
            Transaction known, @Nullable TransactionReply reply, long nowMs) {
        Transaction next = known.isKept()
                ? known.endedByTaker(
                        TransactionState.PREPARE_ABORT, 1, Transaction.NO_EPOCH, known.clientVersion(), nowMs)
                : known.prepared(
                        TransactionState.PREPARE_ABORT,
                        Math.min(known.epoch() + 1, Short.MAX_VALUE),
                        Transaction.NO_EPOCH,
                        Transaction.NO_PRODUCER_ID,
                        Transaction.NO_EPOCH,
                        known.clientVersion(),
                        nowMs);
        return Decided.prepare(next, reply);
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> asNow(Transaction known) {
        return Decided.answer(identity(known));
    }

    private static TransactionReply identity(Transaction transaction) {
        boolean moves = transaction.nextProducerId() != Transaction.NO_PRODUCER_ID;
        return new TransactionReply.Identity(
                ErrorCode.NONE,
                moves ? transaction.nextProducerId() : transaction.producerId(),
                moves ? transaction.nextEpoch() : transaction.epoch());
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> refused(ErrorCode error) {
        return Decided.answer(TransactionReply.Identity.refused(error));
    }
}
