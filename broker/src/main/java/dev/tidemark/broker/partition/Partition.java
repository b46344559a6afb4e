package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.replication.follower.FollowOutcome;
import dev.tidemark.replication.follower.FollowerPosition;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A replica of a partition that this broker holds.
///
/// Owner: its serial, in whose turn the log is written, the high watermark moves and waiters are kept. Readers need
/// no turn: they read the log's published snapshot up to the published high watermark. Life cycle: made when the
/// metadata assigns the replica here and the log is open, led from [#lead] on, closed when the assignment goes or the
/// broker stops.
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    private static final int NOT_LEADER = -1;

    private final TopicPartition id;
    private final Uuid topicId;
    private final PartitionLog log;
    private final LogDirectory directory;
    private final Serial serial;

    private final Deque<PendingCommit> pendingCommits = new ArrayDeque<>();
    private final List<ReadWaiter> readWaiters = new ArrayList<>(0);
    private volatile int leaderEpoch = NOT_LEADER;
    private volatile long highWatermark;
    private volatile boolean closed;
    private volatile @Nullable FollowerPosition position;
    /// A bug stopped the serial; nobody else comes in.
    private volatile boolean stopped;

    public Partition(TopicPartition id, Uuid topicId, PartitionLog log, LogDirectory directory, Loop overflow) {
        this.id = id;
        this.topicId = topicId;
        this.log = log;
        this.directory = directory;
        this.serial = new Serial(overflow, this::onFailure);
        this.highWatermark = log.highWatermark();
    }

    private record PendingCommit(long endOffset, AppendListener listener, int index) {}

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
        return highWatermark;
    }

    /// -1 where this replica does not lead.
    public int leaderEpoch() {
        return leaderEpoch;
    }

    public boolean isLeader() {
        return leaderEpoch != NOT_LEADER;
    }

    /// NONE where this replica leads in `epoch`, or the reason why a request must look elsewhere or again.
    /// An epoch of -1 is not checked (the client does not know one).
    public ErrorCode checkLeader(int epoch) {
        int current = leaderEpoch;
        if (closed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        if (stopped) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (current == NOT_LEADER) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        if (isOffline()) return ErrorCode.KAFKA_STORAGE_ERROR;
        if (epoch == -1 || epoch == current) return ErrorCode.NONE;
        return epoch < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }

    /// Runs `task` in this partition's turn, which may be before this returns.
    ///
    /// @throws Serial.StoppedException after a bug stopped this partition
    public void inTurn(Runnable task) {
        serial.execute(task);
    }

    /// Runs `task` in this partition's turn, or `refused` where a bug stopped this partition.
    public void inTurn(Runnable task, Runnable refused) {
        try {
            serial.execute(new Serial.Refusable() {
                @Override
                public void run() {
                    task.run();
                }

                @Override
                public void onRefused() {
                    refused.run();
                }
            });
        } catch (Serial.StoppedException stop) {
            refused.run();
        }
    }

    /// Begins to lead in `epoch`, unless a bug has stopped this partition. The epoch's start is in the log's epoch
    /// cache before any record of it (KAFKA-7415).
    public void lead(int epoch) {
        inTurn(
                () -> {
                    if (closed || epoch <= leaderEpoch) return;
                    log.onBecomeLeader(epoch);
                    leaderEpoch = epoch;
                    advanceHighWatermark();
                },
                () -> {});
    }

    /// What this replica is to ask its leader for next; empty while it does not follow one. Any thread.
    public Optional<FollowerPosition> fetchPosition() {
        return Optional.ofNullable(position);
    }

    /// Takes over what the leader answered to a fetch at `asked`: appends, cuts, moves the high watermark and the log
    /// start offset. An answer of another epoch, or to another position, changes nothing.
    ///
    /// `data` is read until `done` hears what became of it, once, in this partition's turn; where records are to be
    /// on the disk before their leader may count on them, only after that.
    public void onFetched(FollowerPosition asked, FetchResponse.PartitionData data, Consumer<FollowOutcome> done) {
        serial.execute(() -> done.accept(new FollowOutcome.Outdated()));
    }

    /// Appends what a coordinator decided while this replica led in `expectedEpoch`; refused in any other epoch, in
    /// which another coordinator decides.
    public void appendInEpoch(ByteBuffer batches, int expectedEpoch, long wallMs, AppendListener listener) {
        inTurn(
                () -> {
                    if (leaderEpoch == expectedEpoch) {
                        appendInTurn(batches, AppendOrigin.COORDINATOR, wallMs, listener, 0);
                    } else {
                        listener.onAppended(0, rejected(ErrorCode.NOT_LEADER_OR_FOLLOWER), true);
                    }
                },
                () -> listener.onAppended(0, rejected(ErrorCode.KAFKA_STORAGE_ERROR), true));
    }

    private static AppendResult rejected(ErrorCode error) {
        return new AppendResult.Rejected(error, error.defaultMessage());
    }

    /// Appends what a client sent. `batches` is read until `onAppended` was called.
    public void append(ByteBuffer batches, AppendOrigin origin, long wallMs, AppendListener listener, int index) {
        Append append = new Append(batches, origin, wallMs, listener, index);
        try {
            serial.execute(append);
        } catch (Serial.StoppedException refused) {
            append.onRefused();
        }
    }

    private final class Append implements Serial.Refusable {
        private final ByteBuffer batches;
        private final AppendOrigin origin;
        private final long wallMs;
        private final AppendListener listener;
        private final int index;

        Append(ByteBuffer batches, AppendOrigin origin, long wallMs, AppendListener listener, int index) {
            this.batches = batches;
            this.origin = origin;
            this.wallMs = wallMs;
            this.listener = listener;
            this.index = index;
        }

        @Override
        public void run() {
            appendInTurn(batches, origin, wallMs, listener, index);
        }

        @Override
        public void onRefused() {
            listener.onAppended(index, rejected(ErrorCode.KAFKA_STORAGE_ERROR), true);
        }
    }

    private void appendInTurn(
            ByteBuffer batches, AppendOrigin origin, long wallMs, AppendListener listener, int index) {
        int epoch = leaderEpoch;
        if (epoch == NOT_LEADER || closed) {
            ErrorCode error = closed ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NOT_LEADER_OR_FOLLOWER;
            listener.onAppended(index, new AppendResult.Rejected(error, error.defaultMessage()), true);
            return;
        }
        AppendResult result = log.appendAsLeader(batches, epoch, origin, wallMs);
        switch (result) {
            case AppendResult.Appended appended when appended.forceNeeded() -> onForceNeeded(appended, listener, index);
            case AppendResult.Appended appended ->
                onAppended(appended, appended.lastOffset() + 1, appended.sizeBytes(), listener, index);
            case AppendResult.Duplicate duplicate ->
                onAppended(duplicate, duplicate.lastOffset() + 1, 0, listener, index);
            case AppendResult.Rejected rejected -> listener.onAppended(index, rejected, true);
        }
    }

    /// `flush.messages`: consumers may read the records at once, their producer hears of them when they are on disk.
    private void onForceNeeded(AppendResult.Appended appended, AppendListener listener, int index) {
        listener.onAppended(index, appended, false);
        var _ = log.force()
                .whenComplete((forced, failure) -> inTurn(
                        () -> {
                            if (failure == null) {
                                listener.onCommitted(index);
                            } else {
                                listener.onCommitFailed(index, ErrorCode.KAFKA_STORAGE_ERROR);
                            }
                        },
                        () -> listener.onCommitFailed(index, ErrorCode.KAFKA_STORAGE_ERROR)));
        advanceHighWatermark();
    }

    private void onAppended(AppendResult result, long endOffset, int bytes, AppendListener listener, int index) {
        long before = highWatermark;
        long committed = committedEnd();
        boolean isCommitted = committed >= endOffset;
        if (!isCommitted) pendingCommits.add(new PendingCommit(endOffset, listener, index));
        if (committed > before) publish(committed);
        listener.onAppended(index, result, isCommitted);
        if (committed > before) onHighWatermarkAdvanced(committed, bytes);
    }

    private void publish(long committed) {
        highWatermark = committed;
        log.onHighWatermark(committed);
    }

    /// Up to where the log is on every replica in sync. This broker is the only one.
    private long committedEnd() {
        return log.snapshot().logEndOffset();
    }

    private void advanceHighWatermark() {
        long committed = committedEnd();
        if (committed <= highWatermark) return;
        publish(committed);
        onHighWatermarkAdvanced(committed, Integer.MAX_VALUE);
    }

    private void onHighWatermarkAdvanced(long committed, int bytes) {
        PendingCommit oldest;
        while ((oldest = pendingCommits.peek()) != null && oldest.endOffset <= committed) {
            pendingCommits.remove();
            oldest.listener.onCommitted(oldest.index);
        }
        wakeReaders(bytes);
    }

    private void wakeReaders(int bytes) {
        // By index and downwards: a reader that is satisfied may take itself out while this goes on.
        for (int i = readWaiters.size() - 1; i >= 0; i--) {
            readWaiters.get(i).onReadable(bytes);
        }
    }

    /// Tells `waiter` of more to read until [#stopWaiting]; at once if there is more than up to `knownEnd` already, or
    /// nothing to wait for.
    public void waitForMore(ReadWaiter waiter, long knownEnd) {
        inTurn(
                () -> {
                    if (closed || !isLeader() || highWatermark > knownEnd) {
                        waiter.onReadable(Integer.MAX_VALUE);
                    } else {
                        readWaiters.add(waiter);
                    }
                },
                () -> waiter.onReadable(Integer.MAX_VALUE));
    }

    public void stopWaiting(ReadWaiter waiter) {
        if (closed || stopped) return; // Then nobody waits here.
        inTurn(() -> readWaiters.remove(waiter), () -> {});
    }

    /// Ends this replica's service: whoever waits hears of it. The log itself is closed or deleted by the caller, in
    /// the turn after this.
    public void close(Consumer<PartitionLog> afterwards) {
        inTurn(
                () -> {
                    if (closed) return;
                    closed = true;
                    leaderEpoch = NOT_LEADER;
                    sendHome(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    afterwards.accept(log);
                },
                () -> {
                    closed = true;
                    afterwards.accept(log);
                });
    }

    private void sendHome(ErrorCode error) {
        PendingCommit pending;
        while ((pending = pendingCommits.poll()) != null) pending.listener.onCommitFailed(pending.index, error);
        wakeReaders(Integer.MAX_VALUE);
        readWaiters.clear();
    }

    /// In the turn of the task that failed, which is the last one.
    private void onFailure(Throwable failure) {
        stopped = true;
        leaderEpoch = NOT_LEADER;
        LOG.error("Partition {} is stopped by a bug; restart the broker to serve it again.", id, failure);
        try {
            sendHome(ErrorCode.KAFKA_STORAGE_ERROR);
        } catch (RuntimeException again) { // Perhaps it was a listener that failed.
            LOG.error("Partition {}: not everybody who waited was told.", id, again);
            readWaiters.clear();
        }
    }
}
