package dev.tidemark.client.producer;

import dev.tidemark.base.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a partition has to send: one open batch, closed ones in order, and those under way. Decides which batch may go
/// next so that order holds; does no IO. Owner: the sender's serial.
///
/// Sequence numbers count records and are given at the first attempt. A batch that has to be sent again goes back to
/// its place in the order and is then alone on its way: the broker would refuse its followers, and they would come
/// back too.
final class PartitionQueue {
    final TopicPartition partition;
    private final Deque<Batch> ready = new ArrayDeque<>();
    private final Deque<Batch> inFlight = new ArrayDeque<>();

    @Nullable
    private Batch open;

    private boolean isOpenDue;
    private int nextSequence;
    private long retryAtMs = Long.MIN_VALUE;

    PartitionQueue(TopicPartition partition) {
        this.partition = partition;
    }

    @Nullable
    Batch open() {
        return open;
    }

    void open(Batch batch) {
        open = batch;
        isOpenDue = false;
    }

    /// The open batch is full: it is closed, and may go.
    void closeOpen() {
        Batch full = open;
        if (full == null) return;
        full.close();
        ready.add(full);
        open = null;
        isOpenDue = false;
    }

    /// The open batch has waited long enough; it takes more records until it is its turn.
    void openIsDue(Batch batch) {
        if (open == batch) isOpenDue = true;
    }

    boolean hasSomethingToSend() {
        return !ready.isEmpty() || isOpenDue;
    }

    boolean isIdle() {
        return open == null && ready.isEmpty() && inFlight.isEmpty();
    }

    int inFlightCount() {
        return inFlight.size();
    }

    /// When the batch that waits for its retry may go, or a time in the past.
    long retryAtMs() {
        return retryAtMs;
    }

    /// The next batch to send, which counts as under way from now on; null if none may go.
    @Nullable
    Batch takeNext(long nowMs, boolean isIdempotent) {
        if (ready.isEmpty() && isOpenDue) closeOpen();
        Batch next = ready.peek();
        if (next == null || nowMs < retryAtMs) return null;
        boolean isRetry = next.attempts > 0;
        if (isRetry && !inFlight.isEmpty()) return null;
        // While a retried batch is under way its followers wait for it.
        if (!inFlight.isEmpty() && inFlight.peekFirst().attempts > 1) return null;
        ready.remove();
        inFlight.add(next);
        next.attempts++;
        if (isIdempotent && next.baseSequence == Batch.NO_SEQUENCE) {
            next.baseSequence = nextSequence;
            nextSequence = (nextSequence + next.recordCount()) & Integer.MAX_VALUE;
        }
        return next;
    }

    /// It was delivered, or failed for good.
    void done(Batch batch) {
        inFlight.remove(batch);
        if (inFlight.isEmpty() && ready.isEmpty()) retryAtMs = Long.MIN_VALUE;
    }

    /// It goes back to its place: before all that came after it.
    void retryLater(Batch batch, long retryAtMs) {
        inFlight.remove(batch);
        this.retryAtMs = retryAtMs;
        List<Batch> earlier = new ArrayList<>();
        while (!ready.isEmpty() && isSentBefore(ready.peek(), batch)) earlier.add(ready.remove());
        ready.addFirst(batch);
        for (int i = earlier.size() - 1; i >= 0; i--) ready.addFirst(earlier.get(i));
    }

    private static boolean isSentBefore(Batch one, Batch other) {
        if (one.attempts == 0) return false;
        if (one.baseSequence == Batch.NO_SEQUENCE) return one.createdMs <= other.createdMs;
        return one.baseSequence - other.baseSequence < 0;
    }

    /// Whether a batch before this one has not been settled: then an out-of-order answer is a consequence, not a loss.
    boolean hasUnsettledBefore(Batch batch) {
        for (Batch each : ready) if (each.attempts > 0 && isSentBefore(each, batch)) return true;
        for (Batch each : inFlight) if (each != batch && isSentBefore(each, batch)) return true;
        return false;
    }

    /// The broker begins anew with a new epoch: so do the numbers. Only while nothing is under way.
    void resetSequences() {
        nextSequence = 0;
        for (Batch batch : ready) {
            if (batch.baseSequence == Batch.NO_SEQUENCE) continue;
            batch.baseSequence = Batch.NO_SEQUENCE;
            batch.isSequenceReset = true;
        }
    }

    /// Takes parts of a batch that was too large, in its place.
    void replace(Batch whole, List<Batch> parts) {
        inFlight.remove(whole);
        for (int i = parts.size() - 1; i >= 0; i--) ready.addFirst(parts.get(i));
    }

    /// Takes out the closed batches, and the open one, that fit.
    List<Batch> removeIf(Predicate<Batch> condition) {
        List<Batch> removed = new ArrayList<>();
        ready.removeIf(batch -> condition.test(batch) && removed.add(batch));
        Batch current = open;
        if (current != null && condition.test(current)) {
            removed.add(current);
            open = null;
            isOpenDue = false;
        }
        return removed;
    }
}
