package dev.tidemark.broker.partition;

/// Hears when this broker's replica of a partition begins and ceases to follow a leader, in the order in which that
/// happens to each. Not in the partition's turn.
public interface FollowingListener {
    /// The replica follows `leaderId` in `leaderEpoch` from now on, perhaps another leader or in another epoch before.
    /// [Partition#fetchPosition] tells where to fetch.
    void onFollow(Partition partition, int leaderId, int leaderEpoch);

    /// It leads itself, has no leader, or is gone. Comes only after [#onFollow].
    void onStopFollowing(Partition partition);

    /// Where nobody fetches.
    FollowingListener NONE = new FollowingListener() {
        @Override
        public void onFollow(Partition partition, int leaderId, int leaderEpoch) {}

        @Override
        public void onStopFollowing(Partition partition) {}
    };
}
