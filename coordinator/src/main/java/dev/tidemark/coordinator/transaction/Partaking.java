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
        for (TopicPartition partition : input.partitions()) {
            boolean isIn = known.state() == TransactionState.ONGOING
                    && known.partitions().contains(partition);
            errors.put(partition, isIn ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE);
        }
        return Decided.answer(new TransactionReply.Partitions(errors));
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
