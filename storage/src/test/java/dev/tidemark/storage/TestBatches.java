package dev.tidemark.storage;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.log.ReadResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Batches to append, and what was read back.
public final class TestBatches {
    public static final long NOW_MS = 1_700_000_000_000L;

    private TestBatches() {}

    /// One record for each value, at the given time.
    public static ByteBuffer batchAt(long timestampMs, String... values) {
        return build(new RecordBatchBuilder(Compression.NONE), timestampMs, values);
    }

    public static ByteBuffer batch(String... values) {
        return batchAt(NOW_MS, values);
    }

    public static ByteBuffer fromProducer(long producerId, int epoch, int sequence, String... values) {
        return build(new RecordBatchBuilder(Compression.NONE).producer(producerId, epoch, sequence), NOW_MS, values);
    }

    public static ByteBuffer transactional(long producerId, int epoch, int sequence, String... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE)
                .producer(producerId, epoch, sequence)
                .transactional();
        return build(builder, NOW_MS, values);
    }

    public static ByteBuffer marker(long producerId, int epoch, boolean commit, int coordinatorEpoch) {
        return new RecordBatchBuilder(Compression.NONE)
                .producer(producerId, epoch, BatchHeader.NO_SEQUENCE)
                .addEndTransactionMarker(NOW_MS, commit, coordinatorEpoch)
                .build();
    }

    private static ByteBuffer build(RecordBatchBuilder builder, long timestampMs, String... values) {
        for (String value : values) builder.add(timestampMs, Bytes.utf8("key"), Bytes.utf8(value));
        return direct(builder.build());
    }

    public static ByteBuffer direct(ByteBuffer heap) {
        return ByteBuffer.allocateDirect(heap.remaining()).put(heap).flip();
    }

    public static AppendResult append(PartitionLog log, ByteBuffer batch) {
        return log.appendAsLeader(batch, 0, AppendOrigin.CLIENT, NOW_MS);
    }

    /// All values from `offset` on, each as `offset=value`.
    public static List<String> read(PartitionLog log, long offset) throws IOException {
        LogSnapshot snapshot = log.snapshot();
        List<String> values = new ArrayList<>();
        long next = offset;
        while (next < snapshot.logEndOffset()) {
            List<Record> records = records(snapshot.read(next, 1 << 20, true, Long.MAX_VALUE));
            if (records.isEmpty()) break;
            for (Record record : records) {
                if (record.offset() < next || record.value() == null) continue;
                values.add(record.offset() + "=" + record.value().toUtf8());
            }
            next = Math.max(next + 1, records.getLast().offset() + 1);
        }
        return values;
    }

    /// The records that a read gave; releases what it holds.
    public static List<Record> records(ReadResult result) throws IOException {
        if (!(result instanceof ReadResult.Read read)) throw new AssertionError("got " + result);
        ByteBuffer bytes = read.records().copy();
        read.records().release();
        List<Record> records = new ArrayList<>();
        BatchIterator batches = new BatchIterator(bytes);
        while (batches.hasNext()) {
            BatchHeader batch = batches.next();
            if (!batch.isCrcValid()) throw new AssertionError("damaged: " + batch);
            records.addAll(RecordReader.readAll(batch, 1 << 20));
        }
        return records;
    }
}
