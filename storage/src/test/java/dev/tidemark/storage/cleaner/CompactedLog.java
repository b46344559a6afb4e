package dev.tidemark.storage.cleaner;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.log.AbortedTransaction;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A log with the topic configuration `compact`, in a [TestWorld], and ways to look at what is in it.
final class CompactedLog {
    static final long DELETE_RETENTION_MS = 1_000;
    final TestWorld world;
    final Map<Long, Integer> sequences = new HashMap<>();
    PartitionLog log;
    long cleanedTo = -1;
    int compression;

    CompactedLog(TestWorld world, LogConfig config) throws IOException {
        this.world = world;
        world.config = config;
        this.log = world.log();
    }

    static CompactedLog fresh() throws IOException {
        return new CompactedLog(new TestWorld(), config().build());
    }

    static LogConfig.Builder config() {
        return LogConfig.builder()
                .delete(false)
                .compact(true)
                .deleteRetentionMs(DELETE_RETENTION_MS)
                .indexIntervalBytes(100)
                .segmentBytes(1 << 20);
    }

    /// Each as `key=value`, `key` for a tombstone, in one batch.
    long put(String... records) {
        return append(fill(new RecordBatchBuilder(nextCompression()), records).build());
    }

    long putFrom(long producerId, String... records) {
        int sequence = sequences.merge(producerId, records.length, Integer::sum) - records.length;
        return append(fill(new RecordBatchBuilder(nextCompression()).producer(producerId, 0, sequence), records)
                .build());
    }

    long putInTransaction(long producerId, String... records) {
        int sequence = sequences.merge(producerId, records.length, Integer::sum) - records.length;
        RecordBatchBuilder builder = new RecordBatchBuilder(nextCompression())
                .producer(producerId, 0, sequence)
                .transactional();
        return append(fill(builder, records).build());
    }

    long end(long producerId, boolean commit) {
        return append(TestBatches.marker(producerId, 0, commit, 0));
    }

    private RecordBatchBuilder fill(RecordBatchBuilder builder, String... records) {
        for (String record : records) {
            int equals = record.indexOf('=');
            Bytes key = Bytes.utf8(equals < 0 ? record : record.substring(0, equals));
            builder.add(world.wallMs(), key, equals < 0 ? null : Bytes.utf8(record.substring(equals + 1)));
        }
        return builder;
    }

    private Compression nextCompression() {
        CompressionType[] types = CompressionType.values();
        return Compression.of(types[compression++ % types.length]);
    }

    long append(ByteBuffer batch) {
        boolean isControl = new BatchHeader(batch, 0).isControl();
        AppendResult result = log.appendAsLeader(
                TestBatches.direct(batch),
                0,
                isControl ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT,
                world.wallMs());
        if (!(result instanceof AppendResult.Appended appended)) throw new AssertionError(result.toString());
        log.onHighWatermark(log.snapshot().logEndOffset());
        return appended.firstOffset();
    }

    void roll() throws IOException {
        log.roll(world.wallMs());
    }

    /// Rolls and cleans all there is.
    CleaningResult clean() throws IOException {
        roll();
        return cleanSealed(1 << 20);
    }

    CleaningResult cleanSealed(int mapBytes) throws IOException {
        return cleanSealed(mapBytes, Runnable::run);
    }

    /// @param turn of the log's writer
    CleaningResult cleanSealed(int mapBytes, Executor turn) throws IOException {
        CleanableLog cleanable = new CleanableLog(log, turn);
        CleanableRange range = CleanableRange.of(cleanable, cleanedTo, world.wallMs());
        CleanerPass pass = new CleanerPass(new IoThrottle(world, ms -> {}, Double.MAX_VALUE));
        LogCompaction compaction =
                new LogCompaction(cleanable, new OffsetMap(mapBytes, 0.9), pass, PassWaits.BLOCKING, 4096, 1 << 20);
        try {
            CleaningResult result = compaction.run(range, world.wallMs());
            if (result.completed()) cleanedTo = result.cleanedTo();
            return result;
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    void reopen() throws IOException {
        log = world.reopen();
        log.onHighWatermark(log.snapshot().logEndOffset());
    }

    /// All batches, copied.
    List<BatchHeader> batches() throws IOException {
        List<BatchHeader> batches = new ArrayList<>();
        for (LogSegment segment : log.snapshot().segments()) {
            BatchCursor cursor = new BatchCursor(segment.log(), 0, segment.sizeInBytes(), ByteBuffer.allocate(4096));
            while (cursor.next()) {
                ByteBuffer bytes = cursor.whole().bytes();
                BatchHeader copy = new BatchHeader(
                        ByteBuffer.allocate(bytes.remaining()).put(bytes).flip(), 0);
                if (!copy.isCrcValid()) throw new AssertionError("damaged: " + copy);
                batches.add(copy);
            }
            if (cursor.problem() != null) throw new AssertionError(cursor.problem());
        }
        return batches;
    }

    /// All records that are no markers, each as `offset:key=value`, a tombstone as `offset:key`.
    List<String> records() throws IOException {
        List<String> records = new ArrayList<>();
        for (BatchHeader batch : batches()) {
            if (batch.isControl()) continue;
            for (Record record : RecordReader.readAll(batch, 1 << 20)) records.add(shown(record));
        }
        return records;
    }

    private static String shown(Record record) {
        String key = record.key() == null ? "null" : record.key().toUtf8();
        return record.offset() + ":" + key
                + (record.value() == null ? "" : "=" + record.value().toUtf8());
    }

    /// What a consumer that reads everything takes for the latest value of each key.
    Map<String, String> table() throws IOException {
        Map<String, String> table = new TreeMap<>();
        for (BatchHeader batch : batches()) if (!batch.isControl()) apply(batch, table);
        return table;
    }

    /// The same for one that reads committed records only, as clients do it: with the list of aborted transactions.
    Map<String, String> committedTable() throws IOException {
        long end = log.lastStableOffset();
        List<AbortedTransaction> aborted =
                log.snapshot().abortedTransactions(log.snapshot().logStartOffset(), end);
        Map<String, String> table = new TreeMap<>();
        Set<Long> abortedNow = new HashSet<>();
        int next = 0;
        for (BatchHeader batch : batches()) {
            if (batch.baseOffset() >= end) break;
            while (next < aborted.size() && aborted.get(next).firstOffset() <= batch.lastOffset()) {
                abortedNow.add(aborted.get(next++).producerId());
            }
            if (batch.isControl()) {
                if (isAbort(batch)) abortedNow.remove(batch.producerId());
            } else if (!batch.isTransactional() || !abortedNow.contains(batch.producerId())) {
                apply(batch, table);
            }
        }
        return table;
    }

    private static boolean isAbort(BatchHeader batch) {
        for (Record record : RecordReader.readAll(batch, 1 << 20)) {
            Bytes key = record.key();
            if (key != null && ControlRecordType.ofKey(key.asByteBuffer()) == ControlRecordType.ABORT) return true;
        }
        return false;
    }

    static void apply(BatchHeader batch, Map<String, String> table) {
        for (Record record : RecordReader.readAll(batch, 1 << 20)) {
            Bytes key = record.key();
            if (key != null)
                set(
                        table,
                        key.toUtf8(),
                        record.value() == null ? null : record.value().toUtf8());
        }
    }

    static void set(Map<String, String> table, String key, @Nullable String value) {
        if (value == null) table.remove(key);
        else table.put(key, value);
    }
}
