package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.ControlRecordType;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Transactional, idempotent and plain producers write in any order; the log is cut, rolled, shortened, stopped,
/// killed and loses its power. A reader of committed records sees what a plain list of batches says, and so does each
/// producer.
class TransactionModelTest {
    private static final int PLAIN = -1;

    /// A batch as it should lie in the log.
    ///
    /// @param end of a transaction; null for records
    private record Batch(
            long first,
            long last,
            long producerId,
            int epoch,
            int sequence,
            boolean inTransaction,
            @Nullable Boolean end) {
        boolean isMarker() {
            return end != null;
        }
    }

    private static final class Producer {
        int epoch;
        int lastSequence = -1;
        long lastOffset = -1;
        long openFrom = -1;
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void readersAndProducersSeeWhatTheListSays(@ForAll long seed) throws IOException {
        run(seed);
    }

    /// Step by step: a follower cuts its log, and the offset index in the page cache; the process is killed; the next
    /// one writes and forces, but not the index, of whose cut it does not know; a power cut brings the old entries
    /// back.
    @Test
    void anIndexEntryThatAKilledProcessCutOffDoesNotComeBack() throws IOException {
        run(3357371664L);
    }

    private static void run(long seed) throws IOException {
        Run run = new Run(seed);
        try {
            for (int step = 0; step < 120; step++) {
                run.change();
                run.check();
            }
        } catch (AssertionError | IOException failure) {
            throw new AssertionError(String.join("\n", run.history), failure);
        }
    }

    private static final class Run {
        private final Random random;
        private final TestWorld world = new TestWorld();
        private final List<Batch> batches = new ArrayList<>();
        private final List<String> history = new ArrayList<>();
        private PartitionLog log;

        Run(long seed) throws IOException {
            random = new Random(seed);
            world.config = LogConfig.builder()
                    .segmentBytes(700 + random.nextInt(2000))
                    .indexIntervalBytes(random.nextInt(400))
                    .fileDeleteDelayMs(100)
                    .build();
            log = world.log();
        }

        // ---- what happens

        private void change() throws IOException {
            int what = random.nextInt(24);
            String before = log + " hw " + log.highWatermark() + " forced " + log.recoveryPoint();
            changeBy(what);
            history.add(what + ": " + before + " -> " + log + " lso " + log.lastStableOffset() + " "
                    + (batches.isEmpty() ? "" : batches.getLast()));
        }

        private void changeBy(int what) throws IOException {
            switch (what) {
                case 0 -> log.roll(NOW_MS);
                case 1 -> truncate();
                case 2 -> log.deleteRecordsTo(random.nextLong(log.highWatermark() + 1));
                case 3 -> log.deleteSegmentsBelow(random.nextLong(log.highWatermark() + 1), world.wallMs());
                case 4 -> log = world.reopen();
                case 5 -> log = world.killAndReopen();
                case 6 -> powerCut();
                case 7 -> world.settle(random.nextInt(5_000));
                case 8, 9, 10 -> replicate();
                case 11, 12, 13, 14 -> endTransaction();
                default -> write();
            }
        }

        private void truncate() throws IOException {
            List<Long> starts = new ArrayList<>();
            for (Batch batch : batches) if (batch.first >= log.snapshot().logStartOffset()) starts.add(batch.first);
            if (starts.isEmpty()) return;
            long offset = starts.get(Math.max(0, starts.size() - 1 - random.nextInt(8)));
            world.truncate(log, offset);
            batches.removeIf(batch -> batch.first >= offset);
        }

        private void powerCut() throws IOException {
            LogSnapshot before = log.snapshot();
            // Where there are no records there is nothing to lose, not even the folder.
            long forced = before.logStartOffset() == before.logEndOffset() ? 0 : log.recoveryPoint();
            world.disk = world.memory().crash(random);
            log = world.forget().log();
            long end = log.snapshot().logEndOffset();
            assertThat(end).isGreaterThanOrEqualTo(forced);
            batches.removeIf(batch -> batch.last >= end);
            // The log start, which followed the high watermark, may have been more lasting than the records below it.
            long lost = batches.isEmpty() ? 0 : batches.getLast().last + 1;
            assertThat(end).isEqualTo(Math.max(lost, log.snapshot().logStartOffset()));
        }

        private void replicate() {
            long end = log.snapshot().logEndOffset();
            log.onHighWatermark(random.nextBoolean() ? end : random.nextLong(log.highWatermark(), end + 1));
        }

        private void write() {
            int who = random.nextInt(6) - 1;
            RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
            Producer producer = producers(0).getOrDefault((long) who, new Producer());
            int sequence = producer.lastSequence + 1;
            boolean inTransaction = who >= 2;
            if (who != PLAIN) builder.producer(who, producer.epoch, sequence);
            if (inTransaction) builder.transactional();
            int count = 1 + random.nextInt(3);
            long first = log.snapshot().logEndOffset();
            for (int i = 0; i < count; i++) {
                builder.add(NOW_MS, Bytes.utf8("key"), Bytes.utf8((first + i) + "x".repeat(random.nextInt(80))));
            }
            AppendResult result = TestBatches.append(log, TestBatches.direct(builder.build()));
            // Where all records of a producer are deleted, and a snapshot was lost, its marker tells of no sequence.
            boolean mayBeForgotten = producer.lastOffset >= 0 && producer.lastOffset < oldest();
            if (mayBeForgotten && result instanceof AppendResult.Rejected) return;
            assertThat(result)
                    .isInstanceOfSatisfying(
                            AppendResult.Appended.class,
                            appended -> assertThat(appended.firstOffset()).isEqualTo(first));
            batches.add(new Batch(
                    first, first + count - 1, who, producer.epoch, who == PLAIN ? -1 : sequence, inTransaction, null));
        }

        private void endTransaction() {
            long who = 2L + random.nextInt(3);
            Producer producer = producers(0).getOrDefault(who, new Producer());
            int epoch = producer.epoch + random.nextInt(2);
            boolean commit = random.nextBoolean();
            long offset = log.snapshot().logEndOffset();
            AppendResult result =
                    log.appendAsLeader(TestBatches.marker(who, epoch, commit, 0), 0, AppendOrigin.COORDINATOR, NOW_MS);
            assertThat(result).isInstanceOf(AppendResult.Appended.class);
            batches.add(new Batch(offset, offset, who, epoch, -1, true, commit));
        }

        // ---- what should be

        private long oldest() {
            return log.snapshot().segments().getFirst().baseOffset();
        }

        /// As the batches from an offset on tell.
        private Map<Long, Producer> producers(long fromOffset) {
            Map<Long, Producer> producers = new HashMap<>();
            for (Batch batch : batches) {
                if (batch.producerId == PLAIN || batch.first < fromOffset) continue;
                Producer producer = producers.computeIfAbsent(batch.producerId, _ -> new Producer());
                if (producer.epoch != batch.epoch) {
                    producer.lastSequence = -1;
                    producer.lastOffset = -1;
                }
                producer.epoch = batch.epoch;
                if (batch.isMarker()) {
                    producer.openFrom = -1;
                } else {
                    producer.lastSequence = batch.sequence + (int) (batch.last - batch.first);
                    producer.lastOffset = batch.last;
                    if (batch.inTransaction && producer.openFrom < 0) producer.openFrom = batch.first;
                }
            }
            return producers;
        }

        /// The marker that ends the transaction of a batch; null if it is open.
        private @Nullable Batch endOf(Batch of) {
            for (Batch batch : batches) {
                if (batch.first > of.last && batch.isMarker() && batch.producerId == of.producerId) return batch;
            }
            return null;
        }

        private void check() throws IOException {
            LogSnapshot now = log.snapshot();
            long highWatermark = log.highWatermark();
            long stable = log.lastStableOffset();
            long firstOpen = Long.MAX_VALUE;
            long firstUndecided = Long.MAX_VALUE;
            for (Batch batch : batches) {
                if (!batch.inTransaction || batch.isMarker() || batch.first < now.logStartOffset()) continue;
                Batch end = endOf(batch);
                if (end == null) firstOpen = Math.min(firstOpen, batch.first);
                if (end == null || end.last >= highWatermark) firstUndecided = Math.min(firstUndecided, batch.first);
            }
            assertThat(stable)
                    .isLessThanOrEqualTo(Math.min(firstOpen, highWatermark))
                    .isGreaterThanOrEqualTo(
                            beginOfTransactionsAround(Math.min(firstUndecided, highWatermark), now.logStartOffset()));
            checkProducers(oldest());
            if (stable > now.logStartOffset()) {
                for (int i = 0; i < 3; i++) checkRead(now, random.nextLong(now.logStartOffset(), stable), stable);
            }
        }

        /// A transaction that began below the log start is open from there on.
        private long beginOfTransactionsAround(long offset, long logStart) {
            for (Batch batch : batches) {
                boolean isCut = batch.inTransaction && !batch.isMarker() && batch.first < logStart;
                Batch end = isCut ? endOf(batch) : null;
                if (isCut && (end == null || end.last >= log.highWatermark())) return logStart;
            }
            return Math.max(offset, logStart);
        }

        private void checkProducers(long oldest) {
            Map<Long, ProducerView> known = new HashMap<>();
            for (ProducerView view : log.activeProducers(world.wallMs())) known.put(view.producerId(), view);
            Map<Long, Producer> expected = producers(oldest);
            Map<Long, Producer> ofAll = producers(0);
            expected.forEach((id, producer) -> {
                ProducerView view = known.get(id);
                assertThat(view).as("producer %s", id).isNotNull();
                assertThat((int) view.producerEpoch()).isEqualTo(producer.epoch);
                if (producer.lastOffset >= 0) assertThat(view.lastSequence()).isEqualTo(producer.lastSequence);
                boolean beganBefore = ofAll.get(id).openFrom != producer.openFrom;
                if (!beganBefore) assertThat(view.currentTxnFirstOffset()).isEqualTo(producer.openFrom);
            });
        }

        /// Reads as a consumer of committed records does.
        private void checkRead(LogSnapshot now, long from, long stable) throws IOException {
            ReadResult.Read read = (ReadResult.Read) now.read(from, 1 + random.nextInt(2000), true, stable);
            Deque<AbortedTransaction> aborted = new ArrayDeque<>(now.abortedTransactions(from, read.records(), stable));
            ByteBuffer bytes = read.records().copy();
            read.records().release();
            Set<Long> abortedNow = new HashSet<>();
            List<Long> seen = new ArrayList<>();
            long end = from;
            BatchIterator each = new BatchIterator(bytes);
            while (each.hasNext()) {
                BatchHeader batch = each.next();
                end = batch.nextOffset();
                while (!aborted.isEmpty() && aborted.getFirst().firstOffset() <= batch.lastOffset()) {
                    abortedNow.add(aborted.removeFirst().producerId());
                }
                if (batch.isControl()) {
                    boolean isAbort = RecordReader.readAll(batch, 1000).stream()
                            .map(record -> Objects.requireNonNull(record.key()))
                            .anyMatch(key -> ControlRecordType.ofKey(key.asByteBuffer()) == ControlRecordType.ABORT);
                    if (isAbort) abortedNow.remove(batch.producerId());
                    continue;
                }
                if (batch.isTransactional() && abortedNow.contains(batch.producerId())) continue;
                for (Record record : RecordReader.readAll(batch, 1 << 20)) {
                    if (record.offset() >= from) seen.add(record.offset());
                }
            }
            assertThat(seen).isEqualTo(committed(from, end));
        }

        private List<Long> committed(long from, long to) {
            List<Long> committed = new ArrayList<>();
            for (Batch batch : batches) {
                if (batch.isMarker()) continue;
                Batch end = batch.inTransaction ? endOf(batch) : null;
                if (batch.inTransaction && (end == null || !Boolean.TRUE.equals(end.end))) continue;
                for (long offset = Math.max(from, batch.first); offset <= batch.last && offset < to; offset++) {
                    committed.add(offset);
                }
            }
            return committed;
        }
    }
}
