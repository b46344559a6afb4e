package dev.tidemark.broker.fetch;

import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchRequest.ForgottenTopic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The partitions that one fetcher follows (KIP-227), so that it names only what changes.
///
/// Owner: the request whose epoch is the expected one; a second one at the same time has another epoch and is refused.
/// All methods are called under the turn that [#take] gives.
final class FetchSession {
    static final int FINAL_EPOCH = -1;
    static final int INITIAL_EPOCH = 0;
    static final int NO_SESSION = 0;

    final int id;
    final boolean usesTopicIds;
    private final LinkedHashMap<PartitionKey, FetchedPartition> partitions = new LinkedHashMap<>();
    private int expectedEpoch = INITIAL_EPOCH + 1;
    private long lastUsedMs;
    private @Nullable FetchCall latest;

    FetchSession(int id, boolean usesTopicIds, long nowMs) {
        this.id = id;
        this.usesTopicIds = usesTopicIds;
        this.lastUsedMs = nowMs;
    }

    /// Takes the turn of `epoch`, which may come once.
    synchronized boolean take(int epoch, long nowMs) {
        if (epoch != expectedEpoch) return false;
        expectedEpoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
        lastUsedMs = nowMs;
        return true;
    }

    /// @return the one before `next`, if it is not answered yet
    synchronized @Nullable FetchCall replaceLatest(FetchCall next) {
        FetchCall before = latest;
        latest = next;
        return before;
    }

    synchronized void onReplied(FetchCall call) {
        if (latest == call) latest = null;
    }

    synchronized long lastUsedMs() {
        return lastUsedMs;
    }

    synchronized int size() {
        return partitions.size();
    }

    /// Takes over what a request adds, changes and forgets.
    ///
    /// @return whether the session holds at most `partitionsMax` partitions afterwards
    synchronized boolean update(FetchRequest request, int partitionsMax) {
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition asked : topic.partitions()) {
                PartitionKey key = new PartitionKey(topic.topicId(), topic.topic(), asked.partition());
                FetchedPartition known = partitions.get(key);
                if (known == null) {
                    partitions.put(key, new FetchedPartition(key, asked));
                } else {
                    known.update(asked);
                }
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                partitions.remove(new PartitionKey(topic.topicId(), topic.topic(), partition));
            }
        }
        return partitions.size() <= partitionsMax;
    }

    /// In the order in which they are to be read.
    synchronized List<FetchedPartition> inOrder() {
        return new ArrayList<>(partitions.values());
    }

    /// Moves `served` to the end, so that under a full reply every partition gets its turn.
    synchronized void moveBehind(List<FetchedPartition> served) {
        for (FetchedPartition partition : served) {
            if (partitions.remove(partition.key, partition)) partitions.put(partition.key, partition);
        }
    }
}
