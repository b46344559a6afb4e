package dev.tidemark.broker.partition;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One append to a partition, from [Partition#append] until its listener has heard all: it waits for the partition's
/// turn, is appended or refused there, and may then wait until it is committed.
///
/// Owner: whoever made it until it is given to the partition, then the partition's serial.
public final class Append implements Serial.Refusable {
    /// Waits for ever.
    public static final int NO_TIMEOUT = Integer.MAX_VALUE;

    private static final int ANY_EPOCH = -1;
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    final ByteBuffer batches;
    final AppendOrigin origin;
    final long wallMs;
    final boolean byAllInSync;
    private final int timeoutMs;
    private final AppendListener listener;
    private final int index;
    private int expectedEpoch = ANY_EPOCH;
    private @Nullable Supplier<ErrorCode> condition;
    private @Nullable Partition partition;
    // While it waits to be committed.
    private long endOffset;
    private long deadlineMs = NO_DEADLINE;

    /// @param batches read until `listener` hears `onAppended`
    /// @param byAllInSync whether `listener` waits for all in-sync replicas (acks=all), of which there must be
    ///     `min.insync.replicas`; otherwise it hears no more than `onAppended`, but for what `flush.messages` asks
    /// @param timeoutMs how long it waits; [#NO_TIMEOUT] for ever
    /// @param index what the listener is told of it: its own number
    public Append(
            ByteBuffer batches,
            AppendOrigin origin,
            long wallMs,
            boolean byAllInSync,
            int timeoutMs,
            AppendListener listener,
            int index) {
        this.batches = batches;
        this.origin = origin;
        this.wallMs = wallMs;
        this.byAllInSync = byAllInSync;
        this.timeoutMs = timeoutMs;
        this.listener = listener;
        this.index = index;
    }

    /// What a coordinator decided, which waits until it is committed.
    public static Append ofCoordinator(ByteBuffer batches, long wallMs, AppendListener listener) {
        return new Append(batches, AppendOrigin.COORDINATOR, wallMs, true, NO_TIMEOUT, listener, 0);
    }

    /// Refused where the replica does not lead in `epoch`: in any other one another coordinator decides.
    /// -1 stands for any.
    public Append inEpoch(int epoch) {
        expectedEpoch = epoch;
        return this;
    }

    /// Refused with what `asked` says if that is not NONE. It is asked in the turn of the append, right before it.
    public Append onlyIf(Supplier<ErrorCode> asked) {
        condition = asked;
        return this;
    }

    /// Whether it is refused while others may lead in this broker's place. What coordinators decide is told to nobody
    /// before it is committed, so that it may lie here for nothing.
    boolean isFenceable() {
        return origin == AppendOrigin.CLIENT;
    }

    static AppendResult rejected(ErrorCode error) {
        return new AppendResult.Rejected(error, error.defaultMessage());
    }

    Append to(Partition one) {
        partition = one;
        return this;
    }

    @Override
    public void run() {
        if (partition == null) throw new IllegalStateException("of no partition");
        partition.appendInTurn(this);
    }

    @Override
    public void onRefused() {
        refuse(ErrorCode.KAFKA_STORAGE_ERROR);
    }

    boolean mayBeIn(int leaderEpoch) {
        return expectedEpoch == ANY_EPOCH || expectedEpoch == leaderEpoch;
    }

    ErrorCode checkCondition() {
        return condition == null ? ErrorCode.NONE : condition.get();
    }

    /// It waits until all below `offset` is committed, from now on.
    void toPending(long offset, long nowMs) {
        endOffset = offset;
        if (!waitsForEver()) deadlineMs = nowMs + Math.max(0, timeoutMs);
    }

    boolean waitsForEver() {
        return timeoutMs == NO_TIMEOUT;
    }

    long endOffset() {
        return endOffset;
    }

    long deadlineMs() {
        return deadlineMs;
    }

    void refuse(ErrorCode error) {
        onAppended(rejected(error), true);
    }

    void onAppended(AppendResult result, boolean committed) {
        listener.onAppended(index, result, committed);
    }

    void onCommitted() {
        listener.onCommitted(index);
    }

    void onCommitFailed(ErrorCode error) {
        listener.onCommitFailed(index, error);
    }
}
