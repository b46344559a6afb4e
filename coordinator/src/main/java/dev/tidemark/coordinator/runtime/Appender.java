package dev.tidemark.coordinator.runtime;

import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Appends decisions, one batch at a time. Owner: the tenure's serial.
///
/// A key whose facts are on their way into the log takes no further turn until they are in and applied: they wait here.
/// So nothing is applied before the log took it, and a refused append leaves nothing to undo. Other keys go on, and
/// their
/// decisions are gathered into the next batch.
final class Appender<I, F, R> {
    /// A decision on its way into the log.
    record Entry<I, F, R>(Turn<I, R> turn, Decision<I, F, R> decision, List<LogRecord> records) {}

    /// What the tenure does with what became of an append.
    interface Outcome<I, F, R> {
        /// In the serial: the entries are in the log.
        void onAppended(List<Entry<I, F, R>> entries);

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
    private Deque<Entry<I, F, R>> gathered = new ArrayDeque<>();
    private boolean inFlight;

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
        waitingByBusyKey.put(entry.turn().key(), new ArrayDeque<>());
        gathered.add(entry);
        if (!inFlight) flush();
    }

    /// Every turn and entry that did not reach the log, at the end of the tenure.
    void dropAll(ErrorCode error) {
        for (Entry<I, F, R> entry : gathered) fail(entry.turn(), error);
        gathered.clear();
        for (Deque<Turn<I, R>> waiting : waitingByBusyKey.values()) for (Turn<I, R> turn : waiting) fail(turn, error);
        waitingByBusyKey.clear();
    }

    private void fail(Turn<I, R> turn, ErrorCode error) {
        if (turn.caller() != null) turn.caller().fail(error);
    }

    private void flush() {
        if (gathered.isEmpty()) return;
        List<Entry<I, F, R>> entries = new ArrayList<>();
        List<LogRecord> records = new ArrayList<>();
        int bytes = 0;
        while (!gathered.isEmpty() && (entries.isEmpty() || bytes < batchBytesMax)) {
            int size = sizeOf(gathered.peek());
            if (!entries.isEmpty() && bytes + size > batchBytesMax) break;
            Entry<I, F, R> entry = gathered.remove();
            bytes += size;
            entries.add(entry);
            records.addAll(entry.records());
        }
        inFlight = true;
        log.append(LogBatch.of(records), new Listener(entries));
    }

    private int sizeOf(Entry<I, F, R> entry) {
        int bytes = 0;
        for (LogRecord record : entry.records()) bytes += record.sizeInBytes();
        return bytes;
    }

    private void onAppended(Listener append) {
        List<String> keys = new ArrayList<>();
        for (Entry<I, F, R> entry : append.entries) keys.add(entry.turn().key());
        append.inLog = commits.appended(keys);
        outcome.onAppended(append.entries);
        release(append.entries);
    }

    private void onFailed(Listener append, ErrorCode error) {
        if (append.inLog != null) {
            commits.failed(append.inLog, error);
            return;
        }
        outcome.onRefused(append.entries, error);
        release(append.entries);
    }

    /// Lets the keys go on. What they decide now is gathered into one batch.
    private void release(List<Entry<I, F, R>> entries) {
        for (Entry<I, F, R> entry : entries) {
            Deque<Turn<I, R>> waiting = waitingByBusyKey.remove(entry.turn().key());
            if (waiting != null) for (Turn<I, R> turn : waiting) outcome.onTurn(turn);
        }
        inFlight = false;
        flush();
    }

    private final class Listener implements CoordinatorLog.AppendListener {
        private final List<Entry<I, F, R>> entries;
        private Commits.@org.jspecify.annotations.Nullable Append<R> inLog;

        Listener(List<Entry<I, F, R>> entries) {
            this.entries = entries;
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
