package dev.tidemark.broker.throttle;

import dev.tidemark.broker.partition.Partition;

/// Whether the copying of some replicas is to be slowed down, on one of its two sides. Callable from any loop.
public interface Throttle {
    /// Whether this copy must wait now.
    ///
    /// @param followerId whose copy it is
    boolean isHeld(Partition partition, int followerId);

    /// How long one that must wait is left alone.
    long holdMs();

    void onCopied(Partition partition, int followerId, int bytes);

    /// Nobody waits.
    Throttle NONE = new Throttle() {
        @Override
        public boolean isHeld(Partition partition, int followerId) {
            return false;
        }

        @Override
        public long holdMs() {
            return 1;
        }

        @Override
        public void onCopied(Partition partition, int followerId, int bytes) {}
    };
}
