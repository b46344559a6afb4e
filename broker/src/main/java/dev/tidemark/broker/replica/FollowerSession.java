package dev.tidemark.broker.replica;

import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchRequest.ForgottenTopic;
import dev.tidemark.replication.follower.FollowerPosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The follower's side of an incremental fetch session (KIP-227): the first request names all partitions, the next ones
/// what has changed since. After an answer that is missing, or a refusal, it begins anew, and asks the leader to drop
/// the former session.
///
/// Owner: one [ReplicaFetcher].
final class FollowerSession {
    private static final int NONE = 0;
    private static final int INITIAL_EPOCH = 0;

    private final FetcherSettings settings;
    private final Set<Followed.Key> toForget = new LinkedHashSet<>();
    private int id = NONE;
    private int epoch = INITIAL_EPOCH;
    /// The first request of a session is under way.
    private boolean isOpening;

    FollowerSession(FetcherSettings settings) {
        this.settings = settings;
    }

    /// Whether the next request must name all that is wanted. It must be the only one under way then, because its
    /// answer tells the session's id.
    boolean isFull() {
        return epoch == INITIAL_EPOCH;
    }

    /// The leader is no more to look at this partition, which it was told of.
    void forget(Followed.Key key) {
        if (!isFull()) toForget.add(key);
    }

    boolean hasToForget() {
        return !toForget.isEmpty();
    }

    /// The next request.
    ///
    /// @param named all partitions if [#isFull], else those that are new or have moved
    FetchRequest.Builder next(List<FollowerPosition> named) {
        for (FollowerPosition position : named) toForget.remove(key(position));
        FetchRequest.Builder request = FetchRequest.builder()
                .sessionId(id)
                .sessionEpoch(epoch)
                .maxWaitMs(settings.waitMsMax())
                .minBytes(settings.bytesMin())
                .maxBytes(settings.replyBytesMax())
                .topics(topics(named))
                .forgottenTopicsData(forgotten());
        toForget.clear();
        if (isFull()) isOpening = true;
        else epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
        return request;
    }

    private static Followed.Key key(FollowerPosition position) {
        return new Followed.Key(position.topicId(), position.partition().partition());
    }

    private List<FetchTopic> topics(List<FollowerPosition> named) {
        Map<Uuid, List<FetchPartition>> byTopic = new LinkedHashMap<>();
        for (FollowerPosition position : named) {
            byTopic.computeIfAbsent(position.topicId(), _ -> new ArrayList<>())
                    .add(FetchPartition.builder()
                            .partition(position.partition().partition())
                            .currentLeaderEpoch(position.leaderEpoch())
                            .fetchOffset(position.fetchOffset())
                            .lastFetchedEpoch(position.lastFetchedEpoch())
                            .logStartOffset(position.logStartOffset())
                            .partitionMaxBytes(settings.partitionBytesMax())
                            .build());
        }
        List<FetchTopic> topics = new ArrayList<>(byTopic.size());
        byTopic.forEach((topicId, partitions) -> topics.add(
                FetchTopic.builder().topicId(topicId).partitions(partitions).build()));
        return topics;
    }

    private List<ForgottenTopic> forgotten() {
        if (toForget.isEmpty()) return List.of();
        Map<Uuid, List<Integer>> byTopic = new LinkedHashMap<>();
        for (Followed.Key key : toForget)
            byTopic.computeIfAbsent(key.topicId(), _ -> new ArrayList<>()).add(key.partition());
        List<ForgottenTopic> topics = new ArrayList<>(byTopic.size());
        byTopic.forEach((topicId, partitions) -> topics.add(
                ForgottenTopic.builder().topicId(topicId).partitions(partitions).build()));
        return topics;
    }

    /// The leader has answered without complaint.
    void onAnswer(int sessionId) {
        if (isFull() && sessionId != NONE) id = sessionId;
        // Without an id it has no room for sessions, and the next request names all again.
        if (isOpening && sessionId != NONE) epoch = INITIAL_EPOCH + 1;
        isOpening = false;
    }

    /// Begins anew with the next request.
    void restart() {
        epoch = INITIAL_EPOCH;
        isOpening = false;
        toForget.clear();
    }

    /// The leader does not know the session: there is nothing to drop either.
    void lost() {
        restart();
        id = NONE;
    }
}
