package dev.tidemark.broker.replica;

import dev.tidemark.base.Uuid;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.replication.follower.FollowerPosition;
import org.jspecify.annotations.Nullable;

/// A partition that is fetched from one leader. Owner: the leader's [ReplicaFetcher].
final class Followed {
    /// As fetches name it.
    record Key(Uuid topicId, int partition) {
        static Key of(Partition partition) {
            return new Key(partition.topicId(), partition.id().partition());
        }
    }

    final Key key;
    final Partition partition;
    final Pause pause;
    private @Nullable FollowerPosition told;
    private long toldIn;
    private boolean isPaused;

    Followed(Partition partition, long pauseMsMax) {
        this.key = Key.of(partition);
        this.partition = partition;
        this.pause = new Pause(pauseMsMax);
    }

    /// What the leader was asked last, and asks itself until it is told otherwise; null while it is not to look.
    @Nullable
    FollowerPosition told() {
        return told;
    }

    /// @param request the number of the request that tells it: answers to earlier ones are of no use
    void tell(FollowerPosition position, long request) {
        told = position;
        toldIn = request;
    }

    long toldIn() {
        return toldIn;
    }

    void untell() {
        told = null;
    }

    boolean isPaused() {
        return isPaused;
    }

    void pause() {
        isPaused = true;
    }

    void unpause() {
        isPaused = false;
    }
}
