package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import java.util.Set;

/// Hears what the member gets and gives up, in the thread that calls [Consumer#poll].
public interface RebalanceListener {
    RebalanceListener NONE = new RebalanceListener() {};

    default void onAssigned(Set<TopicPartition> partitions) {}

    /// Before others may get them: the last chance to commit.
    default void onRevoked(Set<TopicPartition> partitions) throws InterruptedException {}

    /// Others may have them already: nothing can be committed any more.
    default void onLost(Set<TopicPartition> partitions) {}
}
