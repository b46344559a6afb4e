package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.follower.FollowerState;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.replication.leader.ReplicaProgress;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A replica of a partition that this broker holds.
///
/// Owner: its serial, in whose turn the log is written, the high watermark moves and waiters are kept. Readers need
/// no turn: they read the log's published snapshot up to the published high watermark. Life cycle: made when the
/// metadata assigns the replica here and the log is open; then leads ([#lead]), follows ([#follow]) or rests
/// ([#resign]) as the metadata says, in rising leader epochs; closed when the assignment goes or the broker stops.
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    static final int NO_EPOCH = -1;
    /// For [#deleteRecords].
    public static final long UP_TO_HIGH_WATERMARK = -1;

    private final TopicPartition id;
    private final Uuid topicId;
    private final PartitionLog log;
    private final LogDirectory directory;
    private final Loop loop;
    private final Serial serial;
    private final Replication replication;
    private final HighWatermark highWatermark;
    private final ReadWaiters replicaWaiters = new ReadWaiters();
    final RefusedSequences refused = new RefusedSequences();
    private final Verifications verifications = new Verifications();

    private @Nullable Leading leading;
    private @Nullable Following following;
    private volatile int leaderEpoch = NO_EPOCH;
    /// The newest that the metadata told, in whatever role.
    private volatile int currentEpoch = NO_EPOCH;
    private volatile long epochStartOffset;
    private volatile List<Integer> replicas = List.of();
    private volatile int followersTerm;
    private volatile List<ReplicaProgress> progress = List.of();
    private volatile @Nullable FollowerPosition position;
    private volatile boolean isFollowing;
    private volatile boolean closed;
    /// A bug stopped the serial; nobody else comes in.
    private volatile boolean stopped;

    public Partition(
            TopicPartition id,
            Uuid topicId,
            PartitionLog log,
            LogDirectory directory,
            Loop overflow,
            Replication replication) {
        this.id = id;
        this.topicId = topicId;
        this.log = log;
        this.directory = directory;
        this.loop = overflow;
        this.serial = new Serial(overflow, this::onFailure);
        this.replication = replication;
        this.highWatermark = new HighWatermark(log);
    }

    public TopicPartition id() {
        return id;
    }

    public Uuid topicId() {
        return topicId;
    }

    public PartitionLog log() {
        return log;
    }

    public LogDirectory directory() {
        return directory;
    }

    /// Whether the log's directory has failed: nothing is appended then, and what is read may be damaged.
    public boolean isOffline() {
        return !directory.isOnline();
    }

    public long highWatermark() {
        return highWatermark.offset();
    }

    /// -1 where this replica does not lead.
    public int leaderEpoch() {
        return leaderEpoch;
    }

    public boolean isLeader() {
        return leaderEpoch != NO_EPOCH;
    }

    /// Whether this replica leads and `brokerId` is to follow it.
    public boolean isFollower(int brokerId) {
        return brokerId != replication.nodeId() && isLeader() && replicas.contains(brokerId);
    }

    /// The partition epoch of what the metadata told this leader last: followers that it did not know before have to
    /// tell of themselves again.
    public int followersTerm() {
        return followersTerm;
    }

    /// How far the followers of this leader are, where [Replication#tellsProgress]; else empty.
    public List<ReplicaProgress> progress() {
        return progress;
    }

    /// NONE where this replica leads in `epoch`, or the reason why a request must look elsewhere or again.
    /// An epoch of -1 is not checked (the client does not know one).
    public ErrorCode checkLeader(int epoch) {
        int current = leaderEpoch;
        if (closed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (stopped) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (current == NO_EPOCH) return checkEpoch(epoch, currentEpoch, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        if (isOffline()) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (replication.isFenced().getAsBoolean()) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        return checkEpoch(epoch, current, ErrorCode.NONE);
    }

    /// As [#checkLeader], for a consumer that may read from followers, too (KIP-392).
    public ErrorCode checkReplica(int epoch) {
        if (isLeader() || !isFollowing) return checkLeader(epoch);
        if (closed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (isOffline()) return ErrorCode.KAFKA_STORAGE_ERROR;
        return checkEpoch(epoch, currentEpoch, ErrorCode.NONE);
    }

    private static ErrorCode checkEpoch(int asked, int current, ErrorCode otherwise) {
        if (asked == NO_EPOCH || asked == current) return otherwise;
        return asked < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }

    /// Whether the end that this leader would tell may be less than one that an earlier leader told: until all that was
    /// there when it was elected is known to be committed.
    public boolean isEndUncertain() {
        return highWatermark.offset() < epochStartOffset;
    }

    /// Runs `task` in this partition's turn, which may be before this returns.
    ///
    /// @throws Serial.StoppedException after a bug stopped this partition
    public void inTurn(Runnable task) {
        serial.execute(task);
    }

    /// Runs `task` in this partition's turn, or `refused` where a bug stopped this partition.
    public void inTurn(Runnable task, Runnable refused) {
        Turn turn = new Turn(task, refused);
        try {
            serial.execute(turn);
        } catch (Serial.StoppedException stop) {
            refused.run();
        }
    }

    private record Turn(Runnable task, Runnable refused) implements Serial.Refusable {
        @Override
        public void run() {
            task.run();
        }

        @Override
        public void onRefused() {
            refused.run();
        }
    }

    void inTurnIfAlive(Runnable task) {
        try {
            serial.execute(task);
        } catch (Serial.StoppedException stop) {
            LOG.debug("{} takes no more turns.", id);
        }
    }

    void inTurnLater(long delayMs, Runnable task) {
        loop.runAfter(delayMs, () -> inTurnIfAlive(task));
    }

    long nowMs() {
        return loop.clock().monotonicMs();
    }

    long wallMs() {
        return loop.clock().wallMs();
    }

    // ---- roles

    /// Leads, or goes on leading, as `term` says. The epoch's start is in the log's epoch cache before any record of it
    /// (KAFKA-7415). Older news than what is known changes nothing.
    public CompletableFuture<RoleChange> lead(LeaderTerm term) {
        return changeRole(() -> leadInTurn(term));
    }

    /// Follows `leaderId`: fetches nothing but what brings its log to agree with the leader's, until it does.
    public CompletableFuture<RoleChange> follow(int leaderId, int epoch) {
        return changeRole(() -> followInTurn(leaderId, epoch));
    }

    /// There is no leader in `epoch`.
    public CompletableFuture<RoleChange> resign(int epoch) {
        return changeRole(() -> followInTurn(NO_EPOCH, epoch));
    }

    /// Done when the change is made, or nothing was to be done.
    private CompletableFuture<RoleChange> changeRole(Supplier<RoleChange> change) {
        CompletableFuture<RoleChange> done = new CompletableFuture<>();
        inTurn(() -> done.complete(change.get()), () -> done.complete(RoleChange.NONE));
        return done;
    }

    private RoleChange leadInTurn(LeaderTerm term) {
        if (closed || term.leaderEpoch() < currentEpoch) return RoleChange.NONE;
        Leading known = leading;
        if (known != null && term.leaderEpoch() == currentEpoch) {
            replicas = term.replicas();
            known.onTerm(term);
            followersTerm = term.partitionEpoch();
            return RoleChange.NONE;
        }
        RoleChange change = new RoleChange(term.leaderEpoch(), known != null, true, following != null, NO_EPOCH);
        stopFollowing();
        endLeading(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        log.onBecomeLeader(term.leaderEpoch());
        Leading next = new Leading(this, highWatermark, replication, term, nowMs());
        leading = next;
        replicas = term.replicas();
        progress = List.of();
        epochStartOffset = next.state().epochStartOffset();
        currentEpoch = term.leaderEpoch();
        leaderEpoch = term.leaderEpoch();
        followersTerm = term.partitionEpoch();
        next.begin();
        wakeAll(); // Consumers that waited at a follower look at the epoch again.
        return change;
    }

    private RoleChange followInTurn(int leaderId, int epoch) {
        if (closed || epoch < currentEpoch || (epoch == currentEpoch && leading == null && knows(leaderId))) {
            return RoleChange.NONE;
        }
        RoleChange change = new RoleChange(epoch, leading != null, false, following != null, leaderId);
        stopLeading(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        stopFollowing();
        currentEpoch = epoch;
        forgetEpochsWithoutRecords();
        if (leaderId >= 0) {
            Following next = new Following(this, highWatermark, replication, new FollowerState(leaderId, epoch));
            following = next;
            isFollowing = true;
            next.begin();
        }
        wakeAll();
        return change;
    }

    private boolean knows(int leaderId) {
        Following known = following;
        return (known == null ? NO_EPOCH : known.state().leaderId()) == leaderId;
    }

    /// A leader's own epoch may have got no record; the next leader's records would seem to contradict it.
    private void forgetEpochsWithoutRecords() {
        try {
            log.truncateTo(log.snapshot().logEndOffset());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void stopLeading(ErrorCode toThoseWhoWait) {
        leaderEpoch = NO_EPOCH;
        endLeading(toThoseWhoWait);
        replicas = List.of();
        progress = List.of();
        highWatermark.pending.failAll(toThoseWhoWait);
    }

    private void endLeading(ErrorCode toThoseWhoWait) {
        Leading last = leading;
        leading = null;
        if (last != null) last.end(toThoseWhoWait);
        verifications.onLeadershipEnded();
    }

    private void stopFollowing() {
        following = null;
        isFollowing = false;
        position = null;
    }

    boolean isLedBy(Leading one) {
        return leading == one;
    }

    boolean isFollowedBy(Following one) {
        return following == one;
    }

    // ---- following

    /// What this replica is to ask its leader for next; empty while it does not follow one, or must not ask now. Any
    /// thread.
    public Optional<FollowerPosition> fetchPosition() {
        return Optional.ofNullable(position);
    }

    void publishPosition(@Nullable FollowerPosition next) {
        position = next;
    }

    /// Takes over what the leader answered to a fetch at `asked`: appends, cuts, moves the high watermark and the log
    /// start offset. An answer of another epoch, or to another position, changes nothing.
    ///
    /// `data` is read until `done` hears what became of it, once, in this partition's turn; where records are to be
    /// on the disk before their leader may count on them, only after that.
    public void onFetched(FollowerPosition asked, FetchResponse.PartitionData data, Consumer<FollowOutcome> done) {
        inTurn(
                () -> {
                    Following follower = following;
                    if (follower == null || closed) done.accept(new FollowOutcome.Outdated());
                    else follower.onFetched(asked, data, done);
                },
                () -> done.accept(new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, "the partition is stopped")));
    }

    // ---- leading

    /// Appends what a coordinator decided while this replica led in `expectedEpoch`; refused in any other epoch, in
    /// which another coordinator decides.
    public void appendInEpoch(ByteBuffer batches, int expectedEpoch, long wallMs, AppendListener listener) {
        append(batches, AppendOrigin.COORDINATOR, expectedEpoch, wallMs, true, Integer.MAX_VALUE, listener, 0);
    }

    /// Appends what a client sent, and waits until it is committed. `batches` is read until `onAppended` was called.
    public void append(ByteBuffer batches, AppendOrigin origin, long wallMs, AppendListener listener, int index) {
        append(batches, origin, NO_EPOCH, wallMs, true, Integer.MAX_VALUE, listener, index);
    }

    /// Appends what a client sent. `batches` is read until `onAppended` was called.
    ///
    /// @param byAllInSync whether `listener` waits for all in-sync replicas (acks=all), of which there must be
    ///     `min.insync.replicas`; otherwise it hears no more than `onAppended`, but for what `flush.messages` asks
    /// @param timeoutMs how long it waits; [Integer#MAX_VALUE] for ever
    public void append(
            ByteBuffer batches,
            AppendOrigin origin,
            long wallMs,
            boolean byAllInSync,
            int timeoutMs,
            AppendListener listener,
            int index) {
        append(batches, origin, NO_EPOCH, wallMs, byAllInSync, timeoutMs, listener, index);
    }

    /// Those who asked the transaction coordinator; only in this partition's turn.
    public Verifications verifications() {
        return verifications;
    }

    /// As the other `append`s, but refused with what `condition` says if that is not NONE. It is asked in the turn of
    /// the append, right before it.
    ///
    /// @param expectedEpoch in which this replica must lead, -1 for any
    public void appendIf(
            Supplier<ErrorCode> condition,
            ByteBuffer batches,
            AppendOrigin origin,
            int expectedEpoch,
            long wallMs,
            boolean byAllInSync,
            int timeoutMs,
            AppendListener listener,
            int index) {
        append(new Append(condition, batches, origin, expectedEpoch, wallMs, byAllInSync, timeoutMs, listener, index));
    }

    private void append(
            ByteBuffer batches,
            AppendOrigin origin,
            int expectedEpoch,
            long wallMs,
            boolean byAllInSync,
            int timeoutMs,
            AppendListener listener,
            int index) {
        append(new Append(null, batches, origin, expectedEpoch, wallMs, byAllInSync, timeoutMs, listener, index));
    }

    private void append(Append append) {
        try {
            serial.execute(append);
        } catch (Serial.StoppedException refused) {
            append.onRefused();
        }
    }

    private final class Append implements Serial.Refusable {
        private final @Nullable Supplier<ErrorCode> condition;
        private final ByteBuffer batches;
        private final AppendOrigin origin;
        private final int expectedEpoch;
        private final long wallMs;
        private final boolean byAllInSync;
        private final int timeoutMs;
        private final AppendListener listener;
        private final int index;

        Append(
                @Nullable Supplier<ErrorCode> condition,
                ByteBuffer batches,
                AppendOrigin origin,
                int expectedEpoch,
                long wallMs,
                boolean byAllInSync,
                int timeoutMs,
                AppendListener listener,
                int index) {
            this.condition = condition;
            this.batches = batches;
            this.origin = origin;
            this.expectedEpoch = expectedEpoch;
            this.wallMs = wallMs;
            this.byAllInSync = byAllInSync;
            this.timeoutMs = timeoutMs;
            this.listener = listener;
            this.index = index;
        }

        @Override
        public void run() {
            Leading leader = leading;
            if (closed) {
                refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            } else if (leader == null || isFencedOff() || (expectedEpoch != NO_EPOCH && expectedEpoch != leaderEpoch)) {
                refused.onRefused(batches);
                refuse(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            } else {
                ErrorCode error = condition == null ? ErrorCode.NONE : condition.get();
                if (error == ErrorCode.NONE)
                    leader.append(batches, origin, wallMs, byAllInSync, timeoutMs, listener, index);
                else refuseAgainst(error);
            }
        }

        /// What the producer has sent behind this leaves a gap, until it sends this again.
        private void refuseAgainst(ErrorCode error) {
            if (error.isRetriable()) refused.onRefused(batches);
            refuse(error);
        }

        /// What coordinators decide is told to nobody before it is committed, so that it may lie here for nothing.
        private boolean isFencedOff() {
            return origin == AppendOrigin.CLIENT && replication.isFenced().getAsBoolean();
        }

        @Override
        public void onRefused() {
            refuse(ErrorCode.KAFKA_STORAGE_ERROR);
        }

        private void refuse(ErrorCode error) {
            listener.onAppended(index, rejected(error), true);
        }
    }

    static AppendResult rejected(ErrorCode error) {
        return new AppendResult.Rejected(error, error.defaultMessage());
    }

    /// A follower fetches from `fetchOffset` in `epoch`, and so tells how far it is. To be called before reading for
    /// it.
    public void onFollowerFetch(
            int brokerId, long brokerEpoch, int epoch, long fetchOffset, int lastFetchedEpoch, long logStartOffset) {
        inTurnIfAlive(() -> {
            Leading leader = leading;
            if (leader == null || closed || epoch != leaderEpoch) return;
            leader.onFollowerFetch(brokerId, brokerEpoch, fetchOffset, lastFetchedEpoch, logStartOffset);
            if (replication.tellsProgress()) progress = leader.state().progress();
        });
    }

    /// Moves the log start up to `offset`, [#UP_TO_HIGH_WATERMARK] or an offset below it.
    ///
    /// @return done when every living replica has done so, or `timeoutMs` are over
    public CompletableFuture<DeletedRecords> deleteRecords(long offset, int timeoutMs) {
        CompletableFuture<DeletedRecords> done = new CompletableFuture<>();
        inTurn(
                () -> {
                    ErrorCode error = checkLeader(NO_EPOCH);
                    Leading leader = leading;
                    if (leader == null || error != ErrorCode.NONE) {
                        done.complete(DeletedRecords.refused(
                                error == ErrorCode.NONE ? ErrorCode.NOT_LEADER_OR_FOLLOWER : error));
                    } else if (!log.config().delete()) {
                        done.complete(DeletedRecords.refused(ErrorCode.POLICY_VIOLATION));
                    } else {
                        leader.deleteRecords(offset, timeoutMs, done);
                    }
                },
                () -> done.complete(DeletedRecords.refused(ErrorCode.KAFKA_STORAGE_ERROR)));
        return done;
    }

    /// Some time has passed since somebody began to wait for that.
    void onTime() {
        inTurnIfAlive(() -> {
            Leading leader = leading;
            if (leader != null && !closed) leader.onTime();
        });
    }

    /// The log's settings are `config` from now on.
    public void onConfigChange(LogConfig config) {
        inTurnIfAlive(() -> {
            log.onConfigChange(config);
            Leading leader = leading;
            if (leader != null && !closed) leader.onConfigChange();
        });
    }

    // ---- waiting

    void wakeReplicas(int bytes) {
        replicaWaiters.wake(bytes);
    }

    private void wakeAll() {
        highWatermark.wakeReaders();
        replicaWaiters.wake(Integer.MAX_VALUE);
    }

    /// Tells `waiter` of more to read until [#stopWaiting]; at once if there is more than up to `knownEnd` already, or
    /// nothing to wait for.
    public void waitForMore(ReadWaiter waiter, long knownEnd) {
        inTurn(
                () -> {
                    if (closed || !(isLeader() || isFollowing) || highWatermark.offset() > knownEnd) {
                        waiter.onReadable(Integer.MAX_VALUE);
                    } else {
                        highWatermark.consumers.add(waiter);
                    }
                },
                () -> waiter.onReadable(Integer.MAX_VALUE));
    }

    /// As [#waitForMore], for a consumer of committed records, which reads up to the last stable offset.
    public void waitForMoreCommitted(ReadWaiter waiter, long knownEnd) {
        inTurn(
                () -> {
                    if (closed || !(isLeader() || isFollowing) || log.lastStableOffset() > knownEnd) {
                        waiter.onReadable(Integer.MAX_VALUE);
                    } else {
                        highWatermark.committedReaders.add(waiter);
                    }
                },
                () -> waiter.onReadable(Integer.MAX_VALUE));
    }

    /// Whether a follower that waits is to be told of the offsets as they are now, after it heard of these; -1
    /// stands for nothing. Of the log's start always: whoever deletes records waits until they are gone
    /// everywhere. Of the high watermark only where consumers read from followers, and so wait for it, too.
    public boolean isNewsToFollower(long toldHighWatermark, long toldLogStartOffset) {
        if (toldLogStartOffset >= 0 && log.snapshot().logStartOffset() > toldLogStartOffset) return true;
        return replication.tellsProgress() && toldHighWatermark >= 0 && highWatermark.offset() > toldHighWatermark;
    }

    /// As [#waitForMore], for a follower, which reads up to the log end offset, and is told of news
    /// ([#isNewsToFollower]).
    public void waitForMoreAsFollower(
            ReadWaiter waiter, long knownEnd, long toldHighWatermark, long toldLogStartOffset) {
        inTurn(
                () -> {
                    boolean hasMore = log.snapshot().logEndOffset() > knownEnd
                            || isNewsToFollower(toldHighWatermark, toldLogStartOffset);
                    if (closed || !isLeader() || hasMore) {
                        waiter.onReadable(Integer.MAX_VALUE);
                    } else {
                        replicaWaiters.add(waiter);
                    }
                },
                () -> waiter.onReadable(Integer.MAX_VALUE));
    }

    public void stopWaiting(ReadWaiter waiter) {
        if (closed || stopped) return; // Then nobody waits here.
        inTurnIfAlive(() -> {
            highWatermark.consumers.remove(waiter);
            highWatermark.committedReaders.remove(waiter);
            replicaWaiters.remove(waiter);
        });
    }

    /// Ends this replica's service: whoever waits hears of it. The log itself is closed or deleted by the caller, in
    /// the turn after this.
    public void close(Consumer<PartitionLog> afterwards) {
        inTurn(
                () -> {
                    if (closed) return;
                    closed = true;
                    stopLeading(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    stopFollowing();
                    wakeAll();
                    highWatermark.forgetReaders();
                    replicaWaiters.clear();
                    afterwards.accept(log);
                },
                () -> {
                    closed = true;
                    afterwards.accept(log);
                });
    }

    /// In the turn of the task that failed, which is the last one.
    private void onFailure(Throwable failure) {
        stopped = true;
        LOG.error("Partition {} is stopped by a bug; restart the broker to serve it again.", id, failure);
        leaderEpoch = NO_EPOCH;
        stopFollowing();
        try {
            stopLeading(ErrorCode.KAFKA_STORAGE_ERROR);
            wakeAll();
        } catch (RuntimeException again) { // Perhaps it was a listener that failed.
            LOG.error("Partition {}: not everybody who waited was told.", id, again);
        }
        highWatermark.forgetReaders();
        replicaWaiters.clear();
    }
}
