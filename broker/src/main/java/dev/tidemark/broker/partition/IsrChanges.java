package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.replication.leader.IsrOutcome;
import dev.tidemark.replication.leader.IsrProposal;
import java.util.concurrent.CompletableFuture;

/// The way of leaders to the controller (AlterPartition).
public interface IsrChanges {
    /// Sends a proposal; at most one per partition is under way. Must not block. Any thread.
    ///
    /// The future ends with what the controller said of this partition, its errors included. It
    /// fails where that is not known (no controller in reach, no answer, an error of the request
    /// as a whole such as NOT_CONTROLLER or STALE_BROKER_EPOCH): the partition then proposes again
    /// after a pause.
    CompletableFuture<IsrOutcome> propose(TopicPartition partition, Uuid topicId, IsrProposal proposal);

    /// Where there is nobody to ask: a partition of one replica never does.
    static IsrChanges unavailable() {
        return (_, _, _) ->
                CompletableFuture.failedFuture(new IllegalStateException("there is no way to a controller"));
    }
}
