package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import java.util.SortedSet;

/// What can happen to a transactional id. A `freshProducerId` is -1 at first; where the answer is
/// [TransactionReply.NeedsProducerId], the caller gives the input again with one.
public sealed interface TransactionInput {
    /// @param producerId what the producer was before (KIP-360), -1 for one that begins
    /// @param keepsOpen an open transaction is not aborted: the producer takes it over, to end it (KIP-939)
    /// @param isTwoPhase the producer's transactions are a part of others' and never time out (KIP-939)
    record InitProducerId(
            int timeoutMs, long producerId, short epoch, boolean keepsOpen, boolean isTwoPhase, long freshProducerId)
            implements TransactionInput {
        int grantedTimeoutMs() {
            return isTwoPhase ? Transaction.NO_TIMEOUT : timeoutMs;
        }
    }

    /// @param clientVersion `transaction.version` as the producer speaks it
    record AddPartitions(long producerId, short epoch, SortedSet<TopicPartition> partitions, short clientVersion)
            implements TransactionInput {}

    /// Whether the partitions take part already (KIP-890).
    record VerifyPartitions(long producerId, short epoch, SortedSet<TopicPartition> partitions)
            implements TransactionInput {}

    record End(long producerId, short epoch, boolean commit, short clientVersion, long freshProducerId)
            implements TransactionInput {}

    /// The transaction took longer than its producer said that it would.
    record TimedOut(long producerId, short epoch) implements TransactionInput {}

    /// These partitions have the marker of this producer and epoch, or are gone for good.
    record MarkersWritten(long producerId, short epoch, SortedSet<TopicPartition> partitions)
            implements TransactionInput {}

    record Describe() implements TransactionInput {}

    /// The time has come to forget an id that was not used for long.
    record Expire() implements TransactionInput {}
}
