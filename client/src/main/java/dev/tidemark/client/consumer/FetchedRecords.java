package dev.tidemark.client.consumer;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.message.FetchResponse;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a fetch brought of one partition, unpacked while it is polled. Owner: first the consumer's serial, then the
/// polling thread, which alone decodes.
///
/// For readers of committed records the aborted transactions' records are left out: from the offset at which a
/// producer's aborted transaction begins until its abort marker.
final class FetchedRecords {
    private static final long UNPACKED_BYTES_MAX = 1L << 30;

    final TopicPartition partition;
    final long generation;
    private final BatchIterator batches;
    private final Deque<FetchResponse.AbortedTransaction> aborted;
    private final Set<Long> abortedProducers = new HashSet<>();
    private long nextOffset;
    private int leaderEpoch = -1;

    @Nullable
    private RecordReader reader;

    private boolean isSkipped;

    FetchedRecords(
            TopicPartition partition,
            long generation,
            long fromOffset,
            ByteBuffer bytes,
            @Nullable List<FetchResponse.AbortedTransaction> aborted) {
        this.partition = partition;
        this.generation = generation;
        this.nextOffset = fromOffset;
        this.batches = new BatchIterator(bytes);
        this.aborted = new ArrayDeque<>();
        if (aborted == null) return;
        aborted.stream()
                .sorted(Comparator.comparingLong(FetchResponse.AbortedTransaction::firstOffset))
                .forEach(this.aborted::add);
    }

    /// The offset after what has been taken so far, control records and gaps included.
    long nextOffset() {
        return nextOffset;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    /// Adds up to `count` records to `into`; false where all have been taken.
    ///
    /// @throws MalformedException at damaged bytes; the offset is [#nextOffset]
    boolean take(int count, List<ConsumerRecord> into) {
        int left = count;
        while (left > 0) {
            RecordReader current = reader == null ? openNext() : reader;
            if (current == null) return false;
            if (!current.hasNext()) {
                closeBatch();
                continue;
            }
            Record record = current.next();
            if (record.offset() < nextOffset || isSkipped) continue;
            into.add(toConsumerRecord(record));
            nextOffset = record.offset() + 1;
            left--;
        }
        return true;
    }

    private long batchEnd;

    private @Nullable RecordReader openNext() {
        if (!batches.hasNext()) return null;
        BatchHeader batch = batches.next();
        if (!batch.isCrcValid())
            throw new MalformedException("the batch at offset " + batch.baseOffset() + " is damaged");
        batchEnd = batch.nextOffset();
        leaderEpoch = batch.leaderEpoch();
        isSkipped = batch.isControl() || isAborted(batch);
        RecordReader opened = new RecordReader(batch, UNPACKED_BYTES_MAX);
        if (batch.isControl() && opened.hasNext() && isAbortMarker(opened.next()))
            abortedProducers.remove(batch.producerId());
        reader = opened;
        return opened;
    }

    private boolean isAborted(BatchHeader batch) {
        while (!aborted.isEmpty() && aborted.peek().firstOffset() <= batch.lastOffset())
            abortedProducers.add(aborted.remove().producerId());
        return batch.isTransactional() && abortedProducers.contains(batch.producerId());
    }

    /// The key of a control record is a version and a type, of which 0 is abort.
    private static boolean isAbortMarker(Record record) {
        var key = record.key();
        return key != null && key.size() >= 4 && key.asByteBuffer().getShort(2) == 0;
    }

    private void closeBatch() {
        if (reader != null) reader.close();
        reader = null;
        nextOffset = Math.max(nextOffset, batchEnd);
    }

    private ConsumerRecord toConsumerRecord(Record record) {
        return new ConsumerRecord(
                partition,
                record.offset(),
                leaderEpoch,
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers());
    }
}
