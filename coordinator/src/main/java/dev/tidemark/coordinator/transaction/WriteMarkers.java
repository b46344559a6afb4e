package dev.tidemark.coordinator.transaction;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.Outbox;
import java.util.SortedSet;

/// The decision is to be written into these partitions, and each that has it told by
/// [TransactionInput.MarkersWritten]. Given again after a load: writing a marker twice is
/// harmless.
///
/// @param clientVersion `transaction.version` as the producer speaks it
public record WriteMarkers(
        long producerId, short epoch, boolean commit, SortedSet<TopicPartition> partitions, short clientVersion)
        implements Outbox.Message {}
