package dev.tidemark.broker.partition;

/// Hears of this broker's replicas, whether they lead or not. Not in the partition's turn.
public interface ReplicaListener {
    /// The replica is in service.
    void onOpened(Partition partition);

    /// Its log got other settings, or its log start offset moved.
    void onChanged(Partition partition);

    /// A follower's log lost all records from `offset` on. In the partition's turn.
    default void onTruncated(Partition partition, long offset) {}

    /// It is about to be deleted.
    void onDeleting(Partition partition);
}
