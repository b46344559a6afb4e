package dev.tidemark.broker.replica;

import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One answer of a leader on its way into the partitions. Each takes its part over in its own turn, mostly before
/// [#start] returns; when the last has done so the answer's memory is given back.
///
/// Owner: the fetcher's loop, but for the outcomes, which each partition writes once, before it counts down.
final class Applying {
    /// What one partition is to take over.
    record Part(Followed followed, FollowerPosition asked, PartitionData data) {}

    private final PeerReply reply;
    private final List<Part> parts;
    private final @Nullable FollowOutcome[] outcomes;
    private final AtomicInteger left;

    Applying(PeerReply reply, List<Part> parts) {
        this.reply = reply;
        this.parts = parts;
        this.outcomes = new FollowOutcome[parts.size()];
        this.left = new AtomicInteger(parts.size() + 1);
    }

    /// @param onElsewhere told, from any thread, when the last partition has taken its part over after this returned
    /// @return whether all have done so already
    boolean start(Runnable onElsewhere) {
        for (int i = 0; i < parts.size(); i++) {
            int index = i;
            Part part = parts.get(i);
            try {
                part.followed.partition.onFetched(part.asked, part.data, outcome -> {
                    outcomes[index] = outcome;
                    if (left.decrementAndGet() == 0) onElsewhere.run();
                });
            } catch (RuntimeException stopped) { // by an earlier failure of this partition
                outcomes[index] = new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(stopped));
                left.decrementAndGet();
            }
        }
        return left.decrementAndGet() == 0;
    }

    List<Part> parts() {
        return parts;
    }

    /// What became of the part at `index`; once all have been taken over.
    FollowOutcome outcome(int index) {
        FollowOutcome outcome = outcomes[index];
        return outcome == null ? new FollowOutcome.Outdated() : outcome;
    }

    void release() {
        reply.release();
    }
}
