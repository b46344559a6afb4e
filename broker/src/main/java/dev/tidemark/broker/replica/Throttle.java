package dev.tidemark.broker.replica;

import dev.tidemark.broker.partition.Partition;

/// Whether the copying of some replicas is to be slowed down (KIP-73), on the follower's side. Callable from any loop.
public interface Throttle {
    /// Whether this replica must wait now.
    boolean isHeld(Partition partition);

    /// How long one that must wait is left alone.
    long holdMs();

    void onCopied(Partition partition, int bytes);

    /// Nobody waits.
    Throttle NONE = new Throttle() {
        @Override
        public boolean isHeld(Partition partition) {
            return false;
        }

        @Override
        public long holdMs() {
            return 1;
        }

        @Override
        public void onCopied(Partition partition, int bytes) {}
    };
}
