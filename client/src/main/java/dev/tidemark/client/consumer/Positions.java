package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import java.util.Collection;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is read and from where on. Owner: the consumer's serial.
///
/// `generation` counts seeks and assignments of a partition: what was fetched under an older one is thrown away.
final class Positions {
    /// A partition that is read. The offset is -1 while it is not known.
    static final class Position {
        long offset = -1;
        int leaderEpoch = -1;
        long generation;
        boolean isPaused;
        /// Fetched records wait to be polled, or a lookup is under way: nothing is to be fetched.
        boolean isBuffered;
        boolean isLookedUp;
        /// Where to begin if not at what is committed.
        @Nullable
        OffsetReset reset;

        long retryAtMs = Long.MIN_VALUE;
        long highWatermark = -1;

        /// The replica that the leader sent us to (KIP-392), -1 for the leader itself.
        int replica = -1;

        /// When the leader is to be asked again.
        long replicaUntilMs = Long.MIN_VALUE;

        void toLeader() {
            replica = -1;
        }
    }

    private final TreeMap<TopicPartition, Position> positions = new TreeMap<>();
    private long generations;

    @Nullable
    Position get(TopicPartition partition) {
        return positions.get(partition);
    }

    SortedSet<TopicPartition> partitions() {
        return new TreeSet<>(positions.keySet());
    }

    /// Reads exactly these; what was read already goes on where it is.
    void assign(Collection<TopicPartition> partitions) {
        positions.keySet().retainAll(Set.copyOf(partitions));
        add(partitions);
    }

    void add(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions)
            positions.computeIfAbsent(partition, key -> {
                Position position = new Position();
                position.generation = ++generations;
                return position;
            });
    }

    void remove(Collection<TopicPartition> partitions) {
        positions.keySet().removeAll(partitions);
    }

    /// @throws IllegalStateException if it is not assigned
    Position require(TopicPartition partition) {
        Position position = positions.get(partition);
        if (position == null) throw new IllegalStateException(partition + " is not assigned");
        return position;
    }

    void seek(TopicPartition partition, long offset, int leaderEpoch) {
        Position position = require(partition);
        position.offset = offset;
        position.leaderEpoch = leaderEpoch;
        position.reset = null;
        restart(position);
    }

    /// The offset has to be looked up.
    void seek(TopicPartition partition, OffsetReset reset) {
        Position position = require(partition);
        position.offset = -1;
        position.leaderEpoch = -1;
        position.reset = reset;
        restart(position);
    }

    private void restart(Position position) {
        position.generation = ++generations;
        position.isBuffered = false;
        position.isLookedUp = false;
        position.retryAtMs = Long.MIN_VALUE;
    }

    SortedSet<TopicPartition> matching(Predicate<Position> condition) {
        SortedSet<TopicPartition> found = new TreeSet<>();
        positions.forEach((partition, position) -> {
            if (condition.test(position)) found.add(partition);
        });
        return found;
    }

    SortedSet<TopicPartition> fetchable(long nowMs) {
        return matching(position ->
                position.offset >= 0 && !position.isPaused && !position.isBuffered && position.retryAtMs <= nowMs);
    }

    /// The earliest time at which a partition that failed may be tried again; [Long#MAX_VALUE] if none waits.
    long nextRetryMs(long nowMs) {
        long next = Long.MAX_VALUE;
        for (Position position : positions.values())
            if (position.retryAtMs > nowMs) next = Math.min(next, position.retryAtMs);
        return next;
    }
}
