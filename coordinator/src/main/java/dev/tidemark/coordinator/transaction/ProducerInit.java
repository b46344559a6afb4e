package dev.tidemark.coordinator.transaction;

import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/// InitProducerId: gives a transactional id to a producer, and so takes it from whoever had it before. An open
/// transaction of that one is aborted first; the new producer comes again meanwhile. Or it asks to keep it (KIP-939):
/// then it stays open, in the name in which it was written, and the new producer may end it in the name that it is
/// given. That name has an epoch more with each client that takes the transaction over.
final class ProducerInit {
    private ProducerInit() {}

    static Decision<TransactionInput, TransactionFact, TransactionReply> decide(
            @Nullable Transaction known, TransactionInput.InitProducerId input, long nowMs) {
        if (known == null) {
            if (isMissing(input)) return Decided.answer(new TransactionReply.NeedsProducerId());
            return renewed(Transaction.of(input.freshProducerId(), input.grantedTimeoutMs(), nowMs));
        }
        boolean isNext = known.isNext(input.producerId(), input.epoch());
        if (!isNext && !isSame(known, input)) return refused(ErrorCode.PRODUCER_FENCED);
        return switch (known.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT -> refused(ErrorCode.CONCURRENT_TRANSACTIONS);
            case ONGOING ->
                // A request of the current producer's past that comes late must not abort what it does now.
                isOfLastEpoch(known, input)
                        ? refused(ErrorCode.PRODUCER_FENCED)
                        : input.keepsOpen() ? keep(known, input, nowMs) : fence(known, nowMs);
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> renew(known, input, nowMs);
        };
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> fence(Transaction known, long nowMs) {
        return Ending.fence(known, TransactionReply.Identity.refused(ErrorCode.CONCURRENT_TRANSACTIONS), nowMs);
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> keep(
            Transaction known, TransactionInput.InitProducerId input, long nowMs) {
        boolean isKept = known.isKept();
        long id = isKept ? known.nextProducerId() : known.producerId();
        int epoch = (isKept ? known.nextEpoch() : known.epoch()) + 1;
        if (epoch >= Transaction.EPOCH_MAX) { // The end needs one more.
            if (isMissing(input)) return Decided.answer(new TransactionReply.NeedsProducerId());
            id = input.freshProducerId();
            epoch = 0;
        }
        Transaction next = known.kept(id, epoch, nowMs);
        return Decided.save(next, new TransactionReply.Kept(id, (short) epoch, known.producerId(), known.epoch()));
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> renew(
            Transaction known, TransactionInput.InitProducerId input, long nowMs) {
        boolean isResumed = input.producerId() != Transaction.NO_PRODUCER_ID;
        int timeoutMs = input.grantedTimeoutMs();
        // The answer to the same request got lost.
        if (isOfLastEpoch(known, input))
            return renewed(known.renewed(known.epoch(), known.lastEpoch(), timeoutMs, nowMs));
        int lastEpoch = isResumed ? known.epoch() : Transaction.NO_EPOCH;
        if (!known.isEpochExhausted()) return renewed(known.renewed(known.epoch() + 1, lastEpoch, timeoutMs, nowMs));
        if (isMissing(input)) return Decided.answer(new TransactionReply.NeedsProducerId());
        return renewed(known.rotated(input.freshProducerId(), lastEpoch, timeoutMs, nowMs));
    }

    /// Whether the request comes from the producer that has the id, as it is now or was before its newest epoch; a
    /// producer that begins is nobody's past.
    private static boolean isSame(Transaction known, TransactionInput.InitProducerId input) {
        if (input.producerId() == Transaction.NO_PRODUCER_ID) return true;
        return known.isOwnedBy(input.producerId(), input.epoch()) || isOfLastEpoch(known, input);
    }

    private static boolean isOfLastEpoch(Transaction known, TransactionInput.InitProducerId input) {
        boolean wasRotated = known.epoch() == 0 && known.previousProducerId() == input.producerId();
        return input.producerId() != Transaction.NO_PRODUCER_ID
                && known.lastEpoch() != Transaction.NO_EPOCH
                && input.epoch() == known.lastEpoch()
                && (input.producerId() == known.producerId() || wasRotated);
    }

    private static boolean isMissing(TransactionInput.InitProducerId input) {
        return input.freshProducerId() == Transaction.NO_PRODUCER_ID;
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> renewed(Transaction next) {
        return Decided.save(next, new TransactionReply.Identity(ErrorCode.NONE, next.producerId(), next.epoch()));
    }

    private static Decision<TransactionInput, TransactionFact, TransactionReply> refused(ErrorCode error) {
        return Decided.answer(TransactionReply.Identity.refused(error));
    }
}
