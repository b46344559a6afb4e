package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.replication.leader.LeaderTerm;
import dev.tidemark.replication.leader.ReplicaProgress;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
    static final int NO_EPOCH = ReplicaRole.NO_EPOCH;
    /// For [#deleteRecords].
    public static final long UP_TO_HIGH_WATERMARK = -1;

    private final TopicPartition id;
    private final Uuid topicId;
    private final PartitionLog log;
    private final LogDirectory directory;
    private final Loop loop;
    private final Serial serial;
    private final Replication replication;
    private final WaitingReaders readers;
    private final HighWatermark highWatermark;
    private final ReplicaRole role;
    final RefusedSequences refused = new RefusedSequences();
    private final Verifications verifications = new Verifications();
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
        this.readers = new WaitingReaders(log.highWatermark(), log.lastStableOffset());
        this.highWatermark = new HighWatermark(log, readers);
        this.role = new ReplicaRole(this, highWatermark, replication);
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
        return role.leaderEpoch();
    }

    public boolean isLeader() {
        return role.isLeader();
    }

    /// Whether this replica leads and `brokerId` is to follow it.
    public boolean isFollower(int brokerId) {
        return role.leads(brokerId);
    }

    /// The partition epoch of what the metadata told this leader last: followers that it did not know before have to
    /// tell of themselves again.
    public int followersTerm() {
        return role.followersTerm();
    }

    /// How far the followers of this leader are, where [Replication#tellsProgress]; else empty.
    public List<ReplicaProgress> progress() {
        return role.progress();
    }

    /// NONE where this replica leads in `epoch`, or the reason why a request must look elsewhere or again.
    /// An epoch of -1 is not checked (the client does not know one).
    public ErrorCode checkLeader(int epoch) {
        int current = role.leaderEpoch();
        if (closed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (stopped) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (current == NO_EPOCH) return checkEpoch(epoch, role.currentEpoch(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        if (isOffline()) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (replication.isFenced().getAsBoolean()) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        return checkEpoch(epoch, current, ErrorCode.NONE);
    }

    /// As [#checkLeader], for a consumer that may read from followers, too (KIP-392).
    public ErrorCode checkReplica(int epoch) {
        if (isLeader() || !role.isFollowing()) return checkLeader(epoch);
        if (closed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (isOffline()) return ErrorCode.KAFKA_STORAGE_ERROR;
        return checkEpoch(epoch, role.currentEpoch(), ErrorCode.NONE);
    }

    private static ErrorCode checkEpoch(int asked, int current, ErrorCode otherwise) {
        if (asked == NO_EPOCH || asked == current) return otherwise;
        return asked < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }

    /// Whether the end that this leader would tell may be less than one that an earlier leader told: until all that was
    /// there when it was elected is known to be committed.
    public boolean isEndUncertain() {
        return highWatermark.offset() < role.epochStartOffset();
    }

    /// Runs `task` in this partition's turn, which may be before this returns.
    ///
    /// @throws Serial.StoppedException after a bug stopped this partition
    public void inTurn(Runnable task) {
        serial.execute(task);
    }

    /// Runs `task` in this partition's turn, or `refused` where a bug stopped this partition.
    public void inTurn(Runnable task, Runnable refused) {
        enter(new Turn(task, refused));
    }

    private void enter(Serial.Refusable turn) {
        try {
            serial.execute(turn);
        } catch (Serial.StoppedException stop) {
            turn.onRefused();
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
        return changeRole(() -> role.lead(term));
    }

    /// Follows `leaderId`: fetches nothing but what brings its log to agree with the leader's, until it does.
    public CompletableFuture<RoleChange> follow(int leaderId, int epoch) {
        return changeRole(() -> role.follow(leaderId, epoch));
    }

    /// There is no leader in `epoch`.
    public CompletableFuture<RoleChange> resign(int epoch) {
        return changeRole(() -> role.follow(NO_EPOCH, epoch));
    }

    /// Done when the change is made, or nothing was to be done.
    private CompletableFuture<RoleChange> changeRole(Supplier<RoleChange> change) {
        CompletableFuture<RoleChange> done = new CompletableFuture<>();
        inTurn(() -> done.complete(inRole(change)), () -> done.complete(RoleChange.NONE));
        return done;
    }

    private RoleChange inRole(Supplier<RoleChange> change) {
        if (closed) return RoleChange.NONE;
        RoleChange made = change.get();
        // Consumers that waited at a follower look at the epoch again.
        if (!made.equals(RoleChange.NONE)) readers.wakeAll();
        return made;
    }

    // ---- following

    /// What this replica is to ask its leader for next; empty while it does not follow one, or must not ask now. Any
    /// thread.
    public Optional<FollowerPosition> fetchPosition() {
        return Optional.ofNullable(role.position());
    }

    /// Takes over what the leader answered to a fetch at `asked`: appends, cuts, moves the high watermark and the log
    /// start offset. An answer of another epoch, or to another position, changes nothing.
    ///
    /// `data` is read until `done` hears what became of it, once, in this partition's turn; where records are to be
    /// on the disk before their leader may count on them, only after that.
    public void onFetched(FollowerPosition asked, FetchResponse.PartitionData data, Consumer<FollowOutcome> done) {
        inTurn(
                () -> {
                    Following follower = role.following();
                    if (follower == null || closed) done.accept(new FollowOutcome.Outdated());
                    else follower.onFetched(asked, data, done);
                },
                () -> done.accept(new FollowOutcome.Failed(ErrorCode.KAFKA_STORAGE_ERROR, "the partition is stopped")));
    }

    // ---- leading

    /// Appends in this partition's turn, which may be before this returns. The append's listener hears
    /// what becomes of it.
    public void append(Append append) {
        enter(append.to(this));
    }

    void appendInTurn(Append append) {
        Leading leader = role.leading();
        if (closed) {
            append.refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        } else if (leader == null
                || (append.isFenceable() && replication.isFenced().getAsBoolean())
                || !append.mayBeIn(leaderEpoch())) {
            refused.onRefused(append.batches);
            append.refuse(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        } else {
            ErrorCode error = append.checkCondition();
            // What the producer has sent behind this leaves a gap, until it sends this again.
            if (error.isRetriable()) refused.onRefused(append.batches);
            if (error == ErrorCode.NONE) leader.append(append);
            else append.refuse(error);
        }
    }

    /// Those who asked the transaction coordinator; only in this partition's turn.
    public Verifications verifications() {
        return verifications;
    }

    /// A follower fetches from `fetchOffset` in `epoch`, and so tells how far it is. To be called before reading for
    /// it.
    public void onFollowerFetch(
            int brokerId, long brokerEpoch, int epoch, long fetchOffset, int lastFetchedEpoch, long logStartOffset) {
        inTurnIfAlive(() -> {
            Leading leader = role.leading();
            if (leader == null || closed || epoch != leaderEpoch()) return;
            leader.onFollowerFetch(brokerId, brokerEpoch, fetchOffset, lastFetchedEpoch, logStartOffset);
            if (replication.tellsProgress()) role.publishProgress(leader.state().progress());
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
                    Leading leader = role.leading();
                    if (leader == null || error != ErrorCode.NONE) {
                        done.complete(DeletedRecords.refused(
                                error == ErrorCode.NONE ? ErrorCode.NOT_LEADER_OR_FOLLOWER : error));
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
            Leading leader = role.leading();
            if (leader != null && !closed) leader.onTime();
        });
    }

    /// The log's settings are `config` from now on.
    public void onConfigChange(LogConfig config) {
        inTurnIfAlive(() -> {
            log.onConfigChange(config);
            Leading leader = role.leading();
            if (leader != null && !closed) leader.onConfigChange();
        });
    }

    // ---- waiting

    void wakeFollowers(int bytes) {
        readers.wakeFollowers(bytes);
    }

    /// Tells `waiter` of more to read up to `limit`, until [#stopWaiting]; at once if there is more than up to
    /// `knownEnd` already, or nothing to wait for.
    public void waitForMore(ReadWaiter waiter, ReadLimit limit, long knownEnd) {
        enter(ReadWait.ofConsumer(this, waiter, limit, knownEnd));
    }

    /// As [#waitForMore], for a follower, which is told of news ([#isNewsToFollower]), too.
    public void waitForNews(ReadWaiter follower, long knownEnd, long toldHighWatermark, long toldLogStartOffset) {
        enter(ReadWait.ofFollower(this, follower, knownEnd, toldHighWatermark, toldLogStartOffset));
    }

    void waitInTurn(ReadWait wait) {
        boolean mayWait = isLeader() || (wait.limit != ReadLimit.LOG_END_OFFSET && role.isFollowing());
        if (closed || !mayWait || wait.isInVain()) wait.waiter.onReadable(Integer.MAX_VALUE);
        else readers.add(wait.waiter, wait.limit);
    }

    /// Whether a follower that waits is to be told of the offsets as they are now, after it heard of these; -1
    /// stands for nothing. Of the log's start always: whoever deletes records waits until they are gone
    /// everywhere. Of the high watermark only where consumers read from followers, and so wait for it, too.
    public boolean isNewsToFollower(long toldHighWatermark, long toldLogStartOffset) {
        if (toldLogStartOffset >= 0 && log.snapshot().logStartOffset() > toldLogStartOffset) return true;
        return replication.tellsProgress() && toldHighWatermark >= 0 && highWatermark.offset() > toldHighWatermark;
    }

    public void stopWaiting(ReadWaiter waiter) {
        if (closed || stopped) return; // Then nobody waits here.
        inTurnIfAlive(() -> readers.remove(waiter));
    }

    /// Whether its service has ended: another replica of that partition may be served here.
    public boolean isClosed() {
        return closed;
    }

    /// Ends this replica's service: whoever waits hears of it. The log itself is closed or deleted by the caller, in
    /// the turn after this.
    public void close(Consumer<PartitionLog> afterwards) {
        inTurn(
                () -> {
                    if (closed) return;
                    closed = true;
                    role.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    readers.wakeAll();
                    readers.clear();
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
        try {
            role.stop(ErrorCode.KAFKA_STORAGE_ERROR);
            readers.wakeAll();
        } catch (RuntimeException again) { // Perhaps it was a listener that failed.
            LOG.error("Partition {}: not everybody who waited was told.", id, again);
        }
        readers.clear();
    }
}
