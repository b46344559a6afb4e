package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.RecordCursor;
import dev.tidemark.storage.log.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows the transactions of a log while its batches are read in order: which batches were aborted, and which markers
/// have lost all records that they ended. A marker must outlive its records, and an aborted transaction's entry in the
/// index must outlive the records too: a reader who comes late could not tell otherwise. Owner: one pass over a log.
final class CleanedTransactions {
    /// By first offset.
    private final List<AbortedTransaction> aborted;
    private int nextAborted;
    /// Aborted transactions that are open at this place in the log, by producer; what was seen of their records.
    private final Map<Long, OpenAborted> openAborted = new HashMap<>();
    /// Producers with records of a transaction that will be committed, as far as the log was read.
    private final Set<Long> openCommitted = new HashSet<>();

    private static final class OpenAborted {
        final AbortedTransaction transaction;
        boolean recordsSeen;

        OpenAborted(AbortedTransaction transaction) {
            this.transaction = transaction;
        }
    }

    CleanedTransactions(List<AbortedTransaction> aborted) {
        this.aborted = new ArrayList<>(aborted);
        this.aborted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
    }

    /// Whether the batch of records belongs to an aborted transaction, so that nobody wants it.
    boolean isAborted(BatchHeader batch) {
        openUpTo(batch.lastOffset());
        if (!batch.isTransactional()) return false;
        OpenAborted open = openAborted.get(batch.producerId());
        // A pass that begins in the midst of the log does not meet the markers before.
        if (open == null || open.transaction.lastOffset() < batch.baseOffset()) {
            openCommitted.add(batch.producerId());
            return false;
        }
        open.recordsSeen = true;
        return true;
    }

    /// What a control batch ends.
    ///
    /// @param isEmpty whether none of the transaction's records is left in front of the marker
    /// @param keepInIndex the aborted transaction that must stay in the index of the segment with the marker
    record Ended(boolean isEmpty, @Nullable AbortedTransaction keepInIndex) {
        private static final Ended OTHER = new Ended(false, null);
    }

    Ended onControl(BatchHeader batch) {
        openUpTo(batch.lastOffset());
        ControlRecordType type = typeOf(batch);
        if (type == ControlRecordType.COMMIT) return new Ended(!openCommitted.remove(batch.producerId()), null);
        if (type != ControlRecordType.ABORT) return Ended.OTHER;
        OpenAborted open = openAborted.remove(batch.producerId());
        boolean recordsLeft = open != null && open.transaction.lastOffset() >= batch.baseOffset() && open.recordsSeen;
        return new Ended(!recordsLeft, recordsLeft ? open.transaction : null);
    }

    private void openUpTo(long offset) {
        while (nextAborted < aborted.size() && aborted.get(nextAborted).firstOffset() <= offset) {
            AbortedTransaction transaction = aborted.get(nextAborted++);
            openAborted.put(transaction.producerId(), new OpenAborted(transaction));
        }
    }

    private static @Nullable ControlRecordType typeOf(BatchHeader batch) {
        if (batch.recordCount() == 0) return null;
        try (RecordCursor cursor = new RecordCursor(batch, Integer.MAX_VALUE)) {
            ByteBuffer key = cursor.next() ? cursor.key() : null;
            return key == null ? null : ControlRecordType.ofKey(key);
        }
    }
}
