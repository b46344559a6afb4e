package dev.tidemark.broker.produce;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;

/// Whether a partition may take the first record of a producer's transaction (KIP-890).
public interface TransactionCheck {
    /// @param add whether the partition becomes part of the transaction by this (transaction version 2); else it has
    ///     to be part of it already
    record Question(
            String transactionalId, long producerId, short producerEpoch, TopicPartition partition, boolean add) {}

    /// NONE if the partition takes part. Never fails otherwise than by an error.
    CompletableFuture<ErrorCode> ask(Question question);
}
