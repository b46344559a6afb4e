package dev.tidemark.storage.log;

/// What DescribeProducers tells of one producer.
///
/// @param coordinatorEpoch      -1 where no transaction marker was seen
/// @param currentTxnFirstOffset -1 where no transaction is open
public record ProducerView(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastTimestampMs,
        int coordinatorEpoch,
        long currentTxnFirstOffset) {}
