package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.ErrorCode;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// What the caller hears.
public sealed interface TransactionReply {
    /// Who the producer is from now on; -1 and -1 with an error.
    record Identity(ErrorCode error, long producerId, short epoch) implements TransactionReply {
        static Identity refused(ErrorCode error) {
            return new Identity(error, Transaction.NO_PRODUCER_ID, Transaction.NO_EPOCH);
        }
    }

    /// A client has taken an open transaction over (KIP-939).
    ///
    /// @param producerId what the client is from now on, with `epoch`: it may end the transaction as that
    /// @param ongoingProducerId what the transaction was written as, with `ongoingEpoch`
    record Kept(long producerId, short epoch, long ongoingProducerId, short ongoingEpoch) implements TransactionReply {}

    record Partitions(SortedMap<TopicPartition, ErrorCode> errors) implements TransactionReply {}

    /// The same input is to be given again with a fresh producer id.
    record NeedsProducerId() implements TransactionReply {}

    /// Null for an id that is not known.
    record Described(@Nullable Transaction transaction) implements TransactionReply {}

    record Listed(List<Entry> entries) implements TransactionReply {
        public record Entry(String transactionalId, Transaction transaction) {}
    }

    /// There is nothing to say but that it was heard.
    record Noted() implements TransactionReply {}

    /// The shard cannot answer.
    record Failed(ErrorCode error) implements TransactionReply {}
}
