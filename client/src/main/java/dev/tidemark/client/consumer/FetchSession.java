package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one broker remembers of our fetches (KIP-227), so that each request names changes only. Does no IO.
/// Owner: the consumer's serial; one request is under way at most.
final class FetchSession {
    private static final int NO_SESSION = 0;
    private static final int FINAL_EPOCH = -1;
    private static final int FIRST_EPOCH = 0;

    /// What is asked of a partition.
    ///
    /// @param lastEpoch the leader epoch of the last record that was read, -1 where it is not known:
    ///     a broker whose log ends that epoch before `offset` says so (KIP-320)
    record Want(Uuid topicId, long offset, int leaderEpoch, int lastEpoch) {}

    /// @param named partitions that are new or have changed
    record Request(int sessionId, int epoch, Map<TopicPartition, Want> named, Map<TopicPartition, Want> forgotten) {}

    private final Map<TopicPartition, Want> known = new LinkedHashMap<>();
    private int sessionId = NO_SESSION;
    private int epoch = FIRST_EPOCH;

    /// The next request for exactly these partitions.
    Request next(Map<TopicPartition, Want> wanted) {
        Map<TopicPartition, Want> named = new LinkedHashMap<>();
        Map<TopicPartition, Want> forgotten = new LinkedHashMap<>();
        if (epoch == FIRST_EPOCH) {
            known.clear();
            named.putAll(wanted);
        } else {
            wanted.forEach((partition, want) -> {
                if (!want.equals(known.get(partition))) named.put(partition, want);
            });
            List<TopicPartition> gone = new ArrayList<>(known.keySet());
            gone.removeIf(wanted::containsKey);
            for (TopicPartition partition : gone) {
                Want old = known.remove(partition);
                if (old != null) forgotten.put(partition, old);
            }
        }
        known.putAll(named);
        return new Request(sessionId, epoch, named, forgotten);
    }

    /// The broker answered; `id` is 0 where it keeps no session.
    void answered(int id) {
        if (id == NO_SESSION) {
            reset();
            return;
        }
        sessionId = id;
        epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }

    /// The broker does not know the session, or may not: the next request begins a new one.
    void reset() {
        sessionId = NO_SESSION;
        epoch = FIRST_EPOCH;
        known.clear();
    }

    /// The partition's answer could not be used: it has to be named again.
    void forget(TopicPartition partition) {
        known.computeIfPresent(partition, (key, want) -> new Want(want.topicId(), -1, want.leaderEpoch(), -1));
    }

    /// For a request that ends the session.
    Request last() {
        return new Request(sessionId, FINAL_EPOCH, Map.of(), Map.of());
    }

    boolean isOpen() {
        return sessionId != NO_SESSION;
    }
}
