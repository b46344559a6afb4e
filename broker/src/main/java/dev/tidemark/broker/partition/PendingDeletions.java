package dev.tidemark.broker.partition;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Deletions of records whose callers wait until every living replica's log starts behind them: a leader elected before
/// that would bring the records back. Owner: the partition's serial.
final class PendingDeletions {
    private record Pending(long offset, long deadlineMs, CompletableFuture<DeletedRecords> done) {}

    private final List<Pending> pending = new ArrayList<>(0);

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void add(long offset, long deadlineMs, CompletableFuture<DeletedRecords> done) {
        pending.add(new Pending(offset, deadlineMs, done));
    }

    /// No living replica has records below `lowWatermark`.
    void onLowWatermark(long lowWatermark) {
        Iterator<Pending> each = pending.iterator();
        while (each.hasNext()) {
            Pending one = each.next();
            if (one.offset > lowWatermark) continue;
            each.remove();
            one.done.complete(new DeletedRecords(lowWatermark, ErrorCode.NONE));
        }
    }

    void expire(long nowMs, long lowWatermark) {
        Iterator<Pending> each = pending.iterator();
        while (each.hasNext()) {
            Pending one = each.next();
            if (one.deadlineMs > nowMs) continue;
            each.remove();
            one.done.complete(new DeletedRecords(lowWatermark, ErrorCode.REQUEST_TIMED_OUT));
        }
    }

    void failAll(ErrorCode error) {
        List<Pending> failed = List.copyOf(pending);
        pending.clear();
        for (Pending one : failed) one.done.complete(DeletedRecords.refused(error));
    }
}
