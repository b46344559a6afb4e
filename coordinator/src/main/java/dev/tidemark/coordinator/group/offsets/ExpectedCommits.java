package dev.tidemark.coordinator.group.offsets;

import java.util.ArrayList;
import java.util.List;

/// Commits of offsets in transactions whose coordinator is being asked whether they are open. The answer is worth
/// nothing once the marker has come meanwhile: offsets that were written behind it would be pending for ever, and hide
/// what is committed from all who want stable offsets.
///
/// Soft state. Mutable; owner: the groups' shard.
public final class ExpectedCommits {
    /// One commit. Itself, not its content, tells it from others.
    public static final class Expected {
        private final long producerId;
        private final short epoch;

        public Expected(long producerId, short epoch) {
            this.producerId = producerId;
            this.epoch = epoch;
        }

        public long producerId() {
            return producerId;
        }

        public short epoch() {
            return epoch;
        }
    }

    private final List<Expected> waiting = new ArrayList<>();

    /// To be called before the transaction coordinator is asked.
    public void add(Expected commit) {
        waiting.add(commit);
    }

    /// Whether the answer may be relied on: no marker came since, and no other leader was here.
    public boolean has(Expected commit) {
        return waiting.contains(commit);
    }

    public void remove(Expected commit) {
        waiting.remove(commit);
    }

    /// Transactions of the producer are over, up to that epoch.
    public void onEnding(long producerId, int lastEpoch) {
        waiting.removeIf(commit -> commit.producerId == producerId && commit.epoch <= lastEpoch);
    }
}
