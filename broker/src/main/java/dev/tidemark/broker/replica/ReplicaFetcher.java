package dev.tidemark.broker.replica;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.broker.throttle.Throttle;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchRequest;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.message.FetchResponse.FetchableTopicResponse;
import dev.tidemark.protocol.message.FetchResponse.PartitionData;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies from one leader all partitions that this broker follows it in. Mostly one fetch is under way, for all of
/// them: the next one says how far the logs have come, so it cannot leave before the answer is in them; it leaves at
/// once then. Where partitions come to it while a fetch waits at the leader, a second one follows behind it, and the
/// leader ends the first one's wait. A partition that cannot go on is left out for a while and holds nobody up.
///
/// Owner: its loop, which is also the one of the connection to the leader.
final class ReplicaFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetcher.class);
    private static final int UNDER_WAY_MAX = 2;
    private static final long GONE_PAUSE_MS = 500;

    private final int leaderId;
    private final int selfId;
    private final FetcherSettings settings;
    private final Exchange exchange;
    private final LongSupplier brokerEpoch;
    private final Throttle throttle;
    private final Loop loop;

    private final Map<Followed.Key, Followed> followed = new LinkedHashMap<>();
    /// Those whose position may be another than the leader was told.
    private final Set<Followed> moved = new LinkedHashSet<>();

    private final FollowerSession session;
    private final Pause leaderPause;
    private Loop.@Nullable Timer leaderPauseTimer;
    private int toldCount;
    /// Counts requests.
    private long lastRequest;
    /// The last request of a session that is over: what is answered up to it is of no use.
    private long lastOfFormer;

    private int underWay;
    private boolean sendsSoon;
    private boolean closed;

    /// How a fetch gets to the leader and its answer back, on the fetcher's loop.
    interface Exchange {
        CompletableFuture<PeerReply> send(int leaderId, FetchRequest request, long timeoutMs);
    }

    ReplicaFetcher(
            int leaderId,
            int selfId,
            FetcherSettings settings,
            Exchange exchange,
            LongSupplier brokerEpoch,
            Throttle throttle,
            Loop loop) {
        this.leaderId = leaderId;
        this.selfId = selfId;
        this.settings = settings;
        this.exchange = exchange;
        this.brokerEpoch = brokerEpoch;
        this.throttle = throttle;
        this.loop = loop;
        this.session = new FollowerSession(settings);
        this.leaderPause = new Pause(settings.pauseMsMax());
    }

    // --- what is followed

    void add(Partition partition) {
        loop.run(() -> {
            Followed known = followed.get(Followed.Key.of(partition));
            if (known != null && known.partition != partition) drop(known);
            Followed added = followed.computeIfAbsent(
                    Followed.Key.of(partition), _ -> new Followed(partition, settings.pauseMsMax()));
            added.pause.reset();
            added.unpause();
            moved.add(added);
            leaderMayBeBack();
            sendSoon();
        });
    }

    void remove(Partition partition) {
        loop.run(() -> {
            Followed known = followed.get(Followed.Key.of(partition));
            if (known == null || known.partition != partition) return;
            drop(known);
            sendSoon();
        });
    }

    private void drop(Followed known) {
        followed.remove(known.key);
        moved.remove(known);
        leaveOut(known);
    }

    /// The leader's registration has changed: what failed before may work now.
    void wake() {
        loop.run(() -> {
            leaderMayBeBack();
            sendSoon();
        });
    }

    void close() {
        loop.run(() -> {
            closed = true;
            followed.clear();
            moved.clear();
        });
    }

    // --- sending

    private void sendSoon() {
        if (sendsSoon || underWay >= UNDER_WAY_MAX) return;
        sendsSoon = true;
        loop.run(() -> {
            sendsSoon = false;
            send();
        });
    }

    private void send() {
        if (closed || leaderPauseTimer != null || underWay >= UNDER_WAY_MAX) return;
        boolean full = session.isFull();
        if (underWay > 0 && (full || (moved.isEmpty() && !session.hasToForget()))) return;
        if (full) untellAll();
        lastRequest++;
        List<FollowerPosition> named = positions(full ? List.copyOf(followed.values()) : List.copyOf(moved));
        moved.clear();
        if (toldCount == 0) {
            restart(); // A session about nothing would only wait.
            return;
        }
        if (underWay > 0 && named.isEmpty() && !session.hasToForget()) return;
        underWay++;
        FetchRequest request = session.next(named)
                .replicaState(new FetchRequest.ReplicaState(selfId, brokerEpoch.getAsLong()))
                .build();
        long timeoutMs = (long) settings.waitMsMax() + settings.answerTimeoutMs();
        long number = lastRequest;
        var _ = exchange.send(leaderId, request, timeoutMs)
                .whenComplete((reply, failure) -> onReply(number, reply, failure));
    }

    private void restart() {
        session.restart();
        lastOfFormer = lastRequest;
    }

    private void untellAll() {
        for (Followed one : followed.values()) one.untell();
        toldCount = 0;
    }

    /// What the leader is to be told of `candidates`: those that have moved.
    private List<FollowerPosition> positions(Iterable<Followed> candidates) {
        List<FollowerPosition> positions = new ArrayList<>();
        for (Followed one : candidates) {
            if (one.isPaused()) continue;
            Optional<FollowerPosition> position = one.partition.fetchPosition();
            if (position.isEmpty() || position.get().leaderId() != leaderId) {
                holdBack(one, one.pause.next()); // It is not ready yet, or will be taken away from here.
            } else if (throttle.isHeld(one.partition, selfId)) {
                holdBack(one, throttle.holdMs());
            } else if (!position.get().equals(one.told())) {
                if (one.told() == null) toldCount++;
                one.tell(position.get(), lastRequest);
                positions.add(position.get());
            }
        }
        return positions;
    }

    private void leaveOut(Followed one) {
        if (one.told() == null) return;
        one.untell();
        toldCount--;
        session.forget(one.key);
    }

    // --- answers

    private void onReply(long number, @Nullable PeerReply reply, @Nullable Throwable failure) {
        try {
            if (reply == null) onFailure(failure);
            else onReply(number, reply);
        } catch (RuntimeException bug) {
            LOG.error("A bug in the fetching from broker {}", leaderId, bug);
            pauseLeader();
        }
    }

    private void onFailure(@Nullable Throwable failure) {
        LOG.debug("Fetching from broker {}: {}", leaderId, String.valueOf(failure));
        underWay--;
        restart();
        if (isGone(failure)) leaderPause.lengthenTo(GONE_PAUSE_MS);
        pauseLeader();
    }

    /// Its process is gone. Each try names all partitions anew, at a time when this broker has those to
    /// lead that the other led; and the registration of its next process ends the pause.
    private static boolean isGone(@Nullable Throwable failure) {
        return failure instanceof PeerException why && why.reason() == PeerException.Reason.REFUSED;
    }

    private void onReply(long number, PeerReply reply) {
        FetchResponse response = reply.response(FetchResponse.class);
        ErrorCode error = ErrorCode.forCode(response.errorCode());
        if (error == ErrorCode.NONE) {
            if (number > lastOfFormer) session.onAnswer(response.sessionId());
            leaderPause.reset();
            apply(number, reply, response);
            return;
        }
        reply.release();
        underWay--;
        if (number > lastOfFormer) onRefused(error);
        else sendSoon();
    }

    private void onRefused(ErrorCode error) {
        boolean sessionGone = error == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
                || error == ErrorCode.INVALID_FETCH_SESSION_EPOCH
                || error == ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
        boolean wasFull = session.isFull();
        restart();
        session.lost();
        if (sessionGone && !wasFull) {
            sendSoon();
            return;
        }
        if (leaderPause.isFirst()) LOG.warn("Broker {} refuses to be fetched from: {}", leaderId, error);
        pauseLeader();
    }

    private void apply(long number, PeerReply reply, FetchResponse response) {
        List<Applying.Part> parts = new ArrayList<>();
        for (FetchableTopicResponse topic : response.responses()) {
            for (PartitionData data : topic.partitions()) {
                Followed one = followed.get(new Followed.Key(topic.topicId(), data.partitionIndex()));
                FollowerPosition asked = one == null ? null : one.told();
                if (one != null && asked != null && one.toldIn() <= number)
                    parts.add(new Applying.Part(one, asked, data));
            }
        }
        Applying applying = new Applying(reply, parts);
        if (applying.start(() -> loop.run(() -> onApplied(applying)))) onApplied(applying);
    }

    private void onApplied(Applying applying) {
        applying.release();
        underWay--;
        for (int i = 0; i < applying.parts().size(); i++) {
            Applying.Part part = applying.parts().get(i);
            if (followed.get(part.followed().key) == part.followed()) onOutcome(part, applying.outcome(i));
        }
        send();
    }

    private void onOutcome(Applying.Part part, FollowOutcome outcome) {
        Followed one = part.followed();
        switch (outcome) {
            case FollowOutcome.Advanced(int bytes) -> {
                one.pause.reset();
                throttle.onCopied(one.partition, selfId, bytes);
                moved.add(one);
            }
            case FollowOutcome.Truncated _ -> moved.add(one);
            case FollowOutcome.Outdated _ -> {
                // Without a new position the leader would send the same again and again.
                boolean stays = one.partition
                        .fetchPosition()
                        .filter(position -> position.equals(part.asked()))
                        .isPresent();
                if (stays) holdBack(one, one.pause.next());
                else moved.add(one);
            }
            case FollowOutcome.Fenced(ErrorCode error) -> {
                LOG.debug("{}: broker {} says {}", one.partition.id(), leaderId, error);
                holdBack(one, one.pause.next());
            }
            case FollowOutcome.Failed(ErrorCode error, String message) -> {
                if (one.pause.isFirst())
                    LOG.warn("{} cannot be copied from broker {}: {} {}", one.partition.id(), leaderId, error, message);
                holdBack(one, one.pause.next());
            }
        }
    }

    // --- pauses

    private void holdBack(Followed one, long ms) {
        leaveOut(one);
        one.pause();
        var _ = loop.runAfter(ms, () -> {
            if (!one.isPaused() || followed.get(one.key) != one) return;
            one.unpause();
            moved.add(one);
            sendSoon();
        });
    }

    private void pauseLeader() {
        if (closed || leaderPauseTimer != null) return;
        leaderPauseTimer = loop.runAfter(leaderPause.next(), () -> {
            leaderPauseTimer = null;
            send();
        });
    }

    private void leaderMayBeBack() {
        leaderPause.reset();
        Loop.Timer timer = leaderPauseTimer;
        if (timer == null) return;
        timer.cancel();
        leaderPauseTimer = null;
    }
}
