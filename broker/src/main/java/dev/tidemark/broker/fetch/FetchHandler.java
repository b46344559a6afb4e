package dev.tidemark.broker.fetch;

import dev.tidemark.base.time.Clock;
import dev.tidemark.broker.cluster.LeaderHints;
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
///
/// Followers fetch up to the log end offset, from version 15 on, which tells their incarnation ([ReplicaAccess]).
/// Consumers read from followers, too, from version 11 on (KIP-392). Who asks the wrong broker is told the leader and,
/// from version 16 on, its address (KIP-951).
public final class FetchHandler implements Handler<FetchRequest> {
    private static final short FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final short FIRST_VERSION_FROM_FOLLOWERS = 11;
    private static final byte READ_COMMITTED = 1;

    private final PartitionReader reader;
    private final FetchSessions sessions;
    private final FetchLimits limits;
    private final ReplicaAccess replicaAccess;
    private final LeaderHints hints;
    private final ColdRecords cold;
    private final Clock clock;

    /// @param diskThreads read what lies far from the end of a log
    public FetchHandler(
            PartitionReader reader,
            FetchSessions sessions,
            FetchLimits limits,
            ReplicaAccess replicaAccess,
            LeaderHints hints,
            Executor diskThreads,
            Clock clock) {
        this.reader = reader;
        this.sessions = sessions;
        this.limits = limits;
        this.replicaAccess = replicaAccess;
        this.hints = hints;
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
        Fetcher fetcher = fetcher(request, call);
        if (fetcher.isReplica()) {
            ErrorCode error = replicaAccess.check(call.listener(), fetcher.replicaId(), fetcher.replicaEpoch());
            if (error != ErrorCode.NONE) {
                refuse(call, error);
                return;
            }
        }
        if (countPartitions(request) > limits.partitionsMax()) {
            refuse(call, ErrorCode.INVALID_REQUEST);
            return;
        }
        if (request.sessionEpoch() > FetchSession.INITIAL_EPOCH) {
            handleIncremental(request, call, fetcher);
        } else {
            handleFull(request, call, fetcher);
        }
    }

    private static Fetcher fetcher(FetchRequest request, Call call) {
        return new Fetcher(
                Math.max(request.replicaId(), request.replicaState().replicaId()),
                request.replicaState().replicaEpoch(),
                request.rackId(),
                call.version() >= FIRST_VERSION_FROM_FOLLOWERS,
                request.isolationLevel() == READ_COMMITTED);
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
    private void handleFull(FetchRequest request, Call call, Fetcher fetcher) {
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
        start(request, call, fetcher, session, wanted, false);
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

    private void handleIncremental(FetchRequest request, Call call, Fetcher fetcher) {
        FetchSession session = sessions.get(request.sessionId());
        if (session == null) {
            refuse(call, ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        } else if (session.usesTopicIds != usesTopicIds(call)) {
            refuse(call, ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        } else if (!session.take(request.sessionEpoch(), clock.monotonicMs())) {
            refuse(call, ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        } else if (session.update(request, limits.partitionsMax())) {
            start(request, call, fetcher, session, session.inOrder(), true);
        } else {
            sessions.remove(session.id);
            refuse(call, ErrorCode.INVALID_REQUEST);
        }
    }

    private void start(
            FetchRequest request,
            Call call,
            Fetcher fetcher,
            @Nullable FetchSession session,
            List<FetchedPartition> wanted,
            boolean incremental) {
        FetchCall fetch =
                new FetchCall(request, call, fetcher, session, wanted, incremental, reader, limits, hints, cold);
        FetchCall before = session == null ? null : session.replaceLatest(fetch);
        if (before != null) before.endWait(call.connection());
        fetch.start();
    }

    private static boolean usesTopicIds(Call call) {
        return call.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
    }
}
