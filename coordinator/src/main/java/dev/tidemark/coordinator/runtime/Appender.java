package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Appends decisions, one batch at a time. Owner: the tenure's serial.
///
/// A key whose facts are on their way into the log takes no further turn until they are in and applied: they wait
/// here. So nothing is applied before the log took it, and a refused append leaves nothing to undo. Other keys go on,
/// and their decisions are gathered into the next batch.
final class Appender<I, F, R> {
    /// A decision on its way into the log.
    ///
    /// @param marker in place of records, for the end of a transaction; it concerns many keys and blocks none
    record Entry<I, F, R>(
            Turn<I, R> turn,
            Decision<I, F, R> decision,
            List<LogRecord> records,
            @Nullable EndMarker marker) {
        Decision.@Nullable Producer producer() {
            return decision.producer();
        }
    }

    /// What the tenure does with what became of an append.
    interface Outcome<I, F, R> {
        /// In the serial: the entries are in the log.
        void onAppended(List<Entry<I, F, R>> entries);

        /// In the serial: before the entries are told to be in the log.
        List<String> keysOf(EndMarker marker);

        /// In the serial: nothing was appended.
        void onRefused(List<Entry<I, F, R>> entries, ErrorCode error);

        /// In the serial: a turn whose key was busy.
        void onTurn(Turn<I, R> turn);

        void enterSerial(Runnable task);
    }

    private final CoordinatorLog log;
    private final int batchBytesMax;
    private final Commits<R> commits;
    private final Outcome<I, F, R> outcome;
    private final Map<String, Deque<Turn<I, R>>> waitingByBusyKey = new HashMap<>();
    private final Deque<Entry<I, F, R>> gathered = new ArrayDeque<>();

    /// How many records of the first gathered entry are in the log already: it is too large for one batch.
    private int sentOfFirst;

    private boolean inFlight;

    /// Whose turn ends with the batch that is in flight.
    private List<Entry<I, F, R>> inFlightEntries = List.of();

    Appender(CoordinatorLog log, int batchBytesMax, Commits<R> commits, Outcome<I, F, R> outcome) {
        this.log = log;
        this.batchBytesMax = batchBytesMax;
        this.commits = commits;
        this.outcome = outcome;
    }

    /// Whether `turn` has to wait, because an append for its key is under way. Then it is given back by
    /// [Outcome#onTurn].
    boolean queueIfBusy(Turn<I, R> turn) {
        Deque<Turn<I, R>> waiting = waitingByBusyKey.get(turn.key());
        if (waiting == null) return false;
        waiting.add(turn);
        return true;
    }

    void append(Entry<I, F, R> entry) {
        if (entry.marker() == null) waitingByBusyKey.put(entry.turn().key(), new ArrayDeque<>());
        gathered.add(entry);
        if (!inFlight) flush();
    }

    /// Fails whoever's turn is not over, at the end of the tenure.
    void dropAll(ErrorCode error) {
        for (Entry<I, F, R> entry : inFlightEntries) fail(entry.turn(), error);
        inFlightEntries = List.of();
        for (Entry<I, F, R> entry : gathered) fail(entry.turn(), error);
        gathered.clear();
        for (Deque<Turn<I, R>> waiting : waitingByBusyKey.values()) for (Turn<I, R> turn : waiting) fail(turn, error);
        waitingByBusyKey.clear();
    }

    private void fail(Turn<I, R> turn, ErrorCode error) {
        if (turn.caller() != null) turn.caller().fail(error);
    }

    private void flush() {
        Entry<I, F, R> first = gathered.peek();
        if (first == null) return;
        inFlight = true;
        if (first.marker() != null) flushMarker(first, first.marker());
        else if (sentOfFirst > 0 || sizeOf(first) > batchBytesMax) flushPartOf(first);
        else flushWhole();
    }

    private void flushMarker(Entry<I, F, R> entry, EndMarker marker) {
        gathered.remove();
        inFlightEntries = List.of(entry);
        log.appendMarker(marker, new Listener(inFlightEntries, null));
    }

    private static LogBatch batch(List<LogRecord> records, Decision.@Nullable Producer producer) {
        return producer == null ? LogBatch.of(records) : new LogBatch(records, producer.id(), producer.epoch());
    }

    private void flushWhole() {
        List<Entry<I, F, R>> entries = new ArrayList<>();
        List<LogRecord> records = new ArrayList<>();
        int bytes = 0;
        Entry<I, F, R> first = gathered.element();
        while (!gathered.isEmpty()) {
            Entry<I, F, R> next = gathered.element();
            if (next.marker() != null || !Objects.equals(next.producer(), first.producer())) break;
            int size = sizeOf(gathered.peek());
            if (!entries.isEmpty() && bytes + size > batchBytesMax) break;
            Entry<I, F, R> entry = gathered.remove();
            bytes += size;
            entries.add(entry);
            records.addAll(entry.records());
        }
        inFlightEntries = entries;
        log.append(batch(records, first.producer()), new Listener(entries, null));
    }

    /// A large decision goes into the log in several batches, and is applied when the last of them is in. Where a
    /// later one is refused, the log has a part of the decision, and the shard must be loaded again to know what.
    private void flushPartOf(Entry<I, F, R> entry) {
        List<LogRecord> part = new ArrayList<>();
        int bytes = 0;
        for (LogRecord record :
                entry.records().subList(sentOfFirst, entry.records().size())) {
            if (!part.isEmpty() && bytes + record.sizeInBytes() > batchBytesMax) break;
            part.add(record);
            bytes += record.sizeInBytes();
        }
        boolean isLast = sentOfFirst + part.size() == entry.records().size();
        boolean isFirst = sentOfFirst == 0;
        sentOfFirst = isLast ? 0 : sentOfFirst + part.size();
        if (isLast) gathered.remove();
        inFlightEntries = isLast ? List.of(entry) : List.of();
        log.append(batch(part, entry.producer()), new Listener(inFlightEntries, isFirst ? null : entry));
    }

    private int sizeOf(Entry<I, F, R> entry) {
        int bytes = 0;
        for (LogRecord record : entry.records()) bytes += record.sizeInBytes();
        return bytes;
    }

    private void onAppended(Listener append) {
        List<String> keys = new ArrayList<>();
        for (Entry<I, F, R> entry : append.entries) {
            EndMarker marker = entry.marker();
            if (marker == null) keys.add(entry.turn().key());
            else keys.addAll(outcome.keysOf(marker));
        }
        append.inLog = commits.appended(keys);
        outcome.onAppended(append.entries);
        release(append.entries);
    }

    private void onFailed(Listener append, ErrorCode error) {
        if (append.inLog != null) {
            commits.failed(append.inLog, AppendErrors.toCaller(error));
            return;
        }
        Check.that(append.begun == null, "a part of a decision is in the log, and the rest was refused: %s", error);
        List<Entry<I, F, R>> refused = append.entries;
        if (refused.isEmpty()) {
            // the first part of a large decision
            refused = List.of(gathered.remove());
            sentOfFirst = 0;
        }
        outcome.onRefused(refused, error);
        release(refused);
    }

    /// Lets the keys go on. What they decide now is gathered into one batch.
    private void release(List<Entry<I, F, R>> entries) {
        for (Entry<I, F, R> entry : entries) {
            if (entry.marker() != null) continue;
            Deque<Turn<I, R>> waiting = waitingByBusyKey.remove(entry.turn().key());
            if (waiting != null) for (Turn<I, R> turn : waiting) outcome.onTurn(turn);
        }
        inFlight = false;
        inFlightEntries = List.of();
        flush();
    }

    private final class Listener implements CoordinatorLog.AppendListener {
        private final List<Entry<I, F, R>> entries;

        /// The decision of which earlier parts are in the log.
        private final @Nullable Entry<I, F, R> begun;

        private Commits.@Nullable Append<R> inLog;

        Listener(List<Entry<I, F, R>> entries, @Nullable Entry<I, F, R> begun) {
            this.entries = entries;
            this.begun = begun;
        }

        @Override
        public void onAppended() {
            outcome.enterSerial(() -> Appender.this.onAppended(this));
        }

        @Override
        public void onCommitted() {
            outcome.enterSerial(() -> {
                if (inLog != null) commits.committed(inLog);
            });
        }

        @Override
        public void onFailed(ErrorCode error) {
            outcome.enterSerial(() -> Appender.this.onFailed(this, error));
        }
    }
}
