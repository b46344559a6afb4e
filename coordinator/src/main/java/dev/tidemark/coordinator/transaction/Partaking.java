package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.protocol.ErrorCode;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// AddPartitionsToTxn and AddOffsetsToTxn, and the question of a partition's leader whether it
/// takes part.
///
/// A coordinator whose place another one has taken, without its having heard so, must not answer that: the transaction
/// may be over, and the record that the question is about would hang. So a yes is an append of what is known already,
/// and waits for the high watermark as every answer does. Whoever leads now has not copied that.
final class Partaking {
    private Partaking() {}

    static Decision<TransactionInput, TransactionFact, TransactionReply> add(
            @Nullable Transaction known, TransactionInput.AddPartitions input, long nowMs) {
        ErrorCode error = check(known, input.producerId(), input.epoch());
        TransactionReply reply = same(input.partitions(), error);
        if (error != ErrorCode.NONE || known == null) return Decided.answer(reply);
        boolean isOngoing = known.state() == TransactionState.ONGOING;
        if (input.partitions().isEmpty() || (isOngoing && known.partitions().containsAll(input.partitions())))
            return Decided.answer(reply);
        Transaction next = known.with(input.partitions(), input.clientVersion(), nowMs);
        return isOngoing ? Decided.save(next, reply) : Decided.begin(next, reply);
    }

    static Decision<TransactionInput, TransactionFact, TransactionReply> verify(
            @Nullable Transaction known, TransactionInput.VerifyPartitions input) {
        ErrorCode error = check(known, input.producerId(), input.epoch());
        if (error != ErrorCode.NONE || known == null) return Decided.answer(same(input.partitions(), error));
        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
        boolean isOngoing = known.state() == TransactionState.ONGOING;
        for (TopicPartition partition : input.partitions()) {
            boolean isIn = isOngoing && known.partitions().contains(partition);
            errors.put(partition, isIn ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE);
        }
        TransactionReply reply = new TransactionReply.Partitions(errors);
        return errors.containsValue(ErrorCode.NONE) ? Decided.save(known, reply) : Decided.answer(reply);
    }

    private static ErrorCode check(@Nullable Transaction known, long producerId, short epoch) {
        if (known != null && known.isNext(producerId, epoch)) return ErrorCode.CONCURRENT_TRANSACTIONS;
        // Who took a transaction over may only end it.
        if (known != null && known.isKept() && known.isOwnedBy(producerId, epoch)) return ErrorCode.INVALID_TXN_STATE;
        if (known == null || known.producerId() != producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        if (!known.isOwnedBy(producerId, epoch) || epoch > Transaction.EPOCH_MAX) return ErrorCode.PRODUCER_FENCED;
        return known.state().isPrepared() ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE;
    }

    private static TransactionReply same(SortedSet<TopicPartition> partitions, ErrorCode error) {
        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
        for (TopicPartition partition : partitions) errors.put(partition, error);
        return new TransactionReply.Partitions(errors);
    }
}
