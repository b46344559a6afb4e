package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Predicate;

/// Appends whose producers wait for the high watermark, oldest first. Owner: the partition's serial.
final class PendingCommits {
    private final Deque<Append> pending = new ArrayDeque<>(0);

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void add(Append append) {
        pending.add(append);
    }

    void onCommitted(long highWatermark) {
        Append oldest;
        while ((oldest = pending.peek()) != null && oldest.endOffset() <= highWatermark) {
            pending.remove();
            oldest.onCommitted();
        }
    }

    void failAll(ErrorCode error) {
        failWhere(one -> true, error);
    }

    /// Those of producers, who come again; the broker's own wait until the records are committed after all.
    void failThoseThatComeAgain(ErrorCode error) {
        failWhere(one -> !one.waitsForEver(), error);
    }

    void expire(long nowMs) {
        failWhere(one -> one.deadlineMs() <= nowMs, ErrorCode.REQUEST_TIMED_OUT);
    }

    private void failWhere(Predicate<Append> condition, ErrorCode error) {
        Iterator<Append> each = pending.iterator();
        while (each.hasNext()) {
            Append one = each.next();
            if (!condition.test(one)) continue;
            each.remove();
            one.onCommitFailed(error);
        }
    }
}
