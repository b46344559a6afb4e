package dev.tidemark.broker.partition;

/// Hears when this broker begins and ceases to lead a partition, in the order in which that happens to each.
public interface LeadershipListener {
    /// Not in the partition's turn; the partition leads in `leaderEpoch` already.
    void onElected(Partition partition, int leaderEpoch);

    /// Not in the partition's turn; from `leaderEpoch` on it does not lead.
    void onResigned(Partition partition, int leaderEpoch);
}
