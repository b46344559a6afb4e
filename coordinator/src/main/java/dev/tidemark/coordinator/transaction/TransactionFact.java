package dev.tidemark.coordinator.transaction;

/// What changes of a transactional id.
public sealed interface TransactionFact {
    record Saved(Transaction next) implements TransactionFact {}

    /// Soft: some of the markers are written.
    record Moved(Transaction next) implements TransactionFact {}

    record Forgotten() implements TransactionFact {}
}
