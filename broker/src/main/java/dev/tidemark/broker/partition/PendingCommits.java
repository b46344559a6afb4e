package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Predicate;

/// Appends whose producers wait for the high watermark, oldest first. Owner: the partition's serial.
final class PendingCommits {
    /// Nobody gives up waiting.
    static final long NO_DEADLINE = Long.MAX_VALUE;

    private record Pending(long endOffset, long deadlineMs, AppendListener listener, int index) {}

    private final Deque<Pending> pending = new ArrayDeque<>(0);

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void add(long endOffset, long deadlineMs, AppendListener listener, int index) {
        pending.add(new Pending(endOffset, deadlineMs, listener, index));
    }

    void onCommitted(long highWatermark) {
        Pending oldest;
        while ((oldest = pending.peek()) != null && oldest.endOffset <= highWatermark) {
            pending.remove();
            oldest.listener.onCommitted(oldest.index);
        }
    }

    void failAll(ErrorCode error) {
        failWhere(one -> true, error);
    }

    /// Those of producers, who come again; the broker's own wait until the records are committed after all.
    void failThoseThatComeAgain(ErrorCode error) {
        failWhere(one -> one.deadlineMs != NO_DEADLINE, error);
    }

    void expire(long nowMs) {
        failWhere(one -> one.deadlineMs <= nowMs, ErrorCode.REQUEST_TIMED_OUT);
    }

    private void failWhere(Predicate<Pending> condition, ErrorCode error) {
        Iterator<Pending> each = pending.iterator();
        while (each.hasNext()) {
            Pending one = each.next();
            if (!condition.test(one)) continue;
            each.remove();
            one.listener.onCommitFailed(one.index, error);
        }
    }
}
