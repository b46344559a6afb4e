package dev.tidemark.broker.fetch;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchRequest.FetchPartition;
import dev.tidemark.protocol.message.FetchRequest.FetchTopic;
import dev.tidemark.protocol.message.FetchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Fetch 4-18, with incremental sessions (KIP-227), by topic name up to version 12 and by topic id from 13 on, waiting
/// for `minBytes` up to `maxWaitMs`. The reply's records are slices of the log's files.
public final class FetchHandler implements Handler<FetchRequest> {
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final PartitionReader reader;
    private final FetchSessions sessions;
    private final FetchLimits limits;
    private final ColdRecords cold;
    private final Clock clock;

    /// @param diskThreads read what lies far from the end of a log
    public FetchHandler(
            PartitionReader reader, FetchSessions sessions, FetchLimits limits, Executor diskThreads, Clock clock) {
        this.reader = reader;
        this.sessions = sessions;
        this.limits = limits;
        this.cold = new ColdRecords(diskThreads, clock);
        this.clock = clock;
    }

    @Override
    public ApiKey api() {
        return ApiKey.FETCH;
    }

    @Override
    public Class<FetchRequest> requestType() {
        return FetchRequest.class;
    }

    @Override
    public void handle(FetchRequest request, Call call) {
        if (isFromReplica(request)) {
            // Replication between brokers is not a client's business (CVE-2018-1288).
            refuse(call, ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
            return;
        }
        if (countPartitions(request) > limits.partitionsMax()) {
            refuse(call, ErrorCode.INVALID_REQUEST);
            return;
        }
        if (request.sessionEpoch() > FetchSession.INITIAL_EPOCH) {
            handleIncremental(request, call);
        } else {
            handleFull(request, call);
        }
    }

    private static boolean isFromReplica(FetchRequest request) {
        return request.replicaId() >= 0 || request.replicaState().replicaId() >= 0;
    }

    private static int countPartitions(FetchRequest request) {
        int count = 0;
        for (FetchTopic topic : request.topics()) {
            count += topic.partitions().size();
        }
        return count;
    }

    private static void refuse(Call call, ErrorCode error) {
        call.reply(FetchResponse.builder().errorCode(error.code()).build());
    }

    /// A request that names all that it wants: with epoch 0 it would like a session, with -1 it ends one.
    private void handleFull(FetchRequest request, Call call) {
        if (request.sessionId() != FetchSession.NO_SESSION) sessions.remove(request.sessionId());
        boolean wantsSession = request.sessionEpoch() == FetchSession.INITIAL_EPOCH
                && !request.topics().isEmpty();
        FetchSession session = wantsSession ? sessions.create(usesTopicIds(call), clock.monotonicMs()) : null;
        List<FetchedPartition> wanted;
        if (session == null) {
            wanted = named(request);
        } else {
            session.update(request, limits.partitionsMax());
            wanted = session.inOrder();
        }
        start(request, call, session, wanted, false);
    }

    private static List<FetchedPartition> named(FetchRequest request) {
        List<FetchedPartition> named = new ArrayList<>();
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition asked : topic.partitions()) {
                named.add(new FetchedPartition(
                        new PartitionKey(topic.topicId(), topic.topic(), asked.partition()), asked));
            }
        }
        return named;
    }

    private void handleIncremental(FetchRequest request, Call call) {
        FetchSession session = sessions.get(request.sessionId());
        if (session == null) {
            refuse(call, ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        } else if (session.usesTopicIds != usesTopicIds(call)) {
            refuse(call, ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        } else if (!session.take(request.sessionEpoch(), clock.monotonicMs())) {
            refuse(call, ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        } else if (session.update(request, limits.partitionsMax())) {
            start(request, call, session, session.inOrder(), true);
        } else {
            sessions.remove(session.id);
            refuse(call, ErrorCode.INVALID_REQUEST);
        }
    }

    private void start(
            FetchRequest request,
            Call call,
            @Nullable FetchSession session,
            List<FetchedPartition> wanted,
            boolean incremental) {
        new FetchCall(request, call, session, wanted, incremental, reader, limits, cold).start();
    }

    private static boolean usesTopicIds(Call call) {
        return call.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
    }
}
