package dev.tidemark.coordinator.transaction;

/// The broker's settings of transactions, each under Kafka's name in words. Durations in
/// milliseconds.
///
/// @param topicPartitions `transaction.state.log.num.partitions`: used until the topic exists
/// @param timeoutMaxMs `transaction.max.timeout.ms`
/// @param twoPhaseEnabled `transaction.two.phase.commit.enable`
/// @param idExpirationMs `transactional.id.expiration.ms`
/// @param expiryCheckIntervalMs `transaction.remove.expired.transaction.cleanup.interval.ms`
public record TransactionConfig(
        int topicPartitions,
        int timeoutMaxMs,
        boolean twoPhaseEnabled,
        long idExpirationMs,
        long expiryCheckIntervalMs) {
    public static TransactionConfig defaults() {
        return new TransactionConfig(50, 900_000, false, 604_800_000, 3_600_000);
    }
}
