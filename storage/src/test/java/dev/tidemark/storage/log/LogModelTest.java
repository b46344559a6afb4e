package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.record.Record;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/// Whatever is done to a log, it holds what a plain list of records holds.
class LogModelTest {
    private record Entry(long offset, long timestampMs, String value, long batchBase) {}

    private static final class Model {
        final List<Entry> entries = new ArrayList<>();
        long startOffset;
        long endOffset;
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void holdsWhatAListHolds(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        TestWorld world = new TestWorld();
        world.config = LogConfig.builder()
                .segmentBytes(600 + random.nextInt(2000))
                .indexIntervalBytes(random.nextInt(400))
                .fileDeleteDelayMs(100)
                .build();
        PartitionLog log = world.log();
        Model model = new Model();
        for (int step = 0; step < 80; step++) {
            log = change(world, log, model, random);
            check(log, model, random);
        }
    }

    private static PartitionLog change(TestWorld world, PartitionLog log, Model model, Random random)
            throws IOException {
        switch (random.nextInt(16)) {
            case 0 -> log.roll(NOW_MS);
            case 1 -> truncate(world, log, model, random);
            case 2 -> {
                long offset = model.startOffset + random.nextInt(20);
                model.startOffset = Math.max(model.startOffset, Math.min(offset, model.endOffset));
                assertThat(log.deleteRecordsTo(offset)).isEqualTo(model.startOffset);
            }
            case 3 -> {
                log.deleteSegmentsBelow(model.startOffset + random.nextInt(10), NOW_MS);
                model.startOffset = log.snapshot().logStartOffset();
            }
            case 4 -> {
                return world.reopen();
            }
            case 5 -> {
                // A log start offset that is not checkpointed yet may fall back to that of the segment.
                world.settle(10_000);
                return world.killAndReopen();
            }
            case 6 -> world.settle(random.nextInt(5_000));
            default -> append(log, model, random);
        }
        return log;
    }

    private static void truncate(TestWorld world, PartitionLog log, Model model, Random random) throws IOException {
        long wanted = Math.max(model.startOffset, model.endOffset - random.nextInt(15));
        // Truncation goes to the begin of a batch, as epochs do.
        long offset = model.entries.stream()
                .filter(entry -> entry.offset == wanted)
                .map(entry -> entry.batchBase)
                .findFirst()
                .orElse(wanted);
        world.truncate(log, offset);
        model.entries.removeIf(entry -> entry.offset >= offset);
        model.endOffset = Math.min(model.endOffset, offset);
        model.startOffset = Math.min(model.startOffset, offset);
    }

    private static void append(PartitionLog log, Model model, Random random) {
        String[] values = new String[1 + random.nextInt(3)];
        long timestampMs = NOW_MS + random.nextInt(2_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = (model.endOffset + i) + "x".repeat(random.nextInt(100));
            model.entries.add(new Entry(model.endOffset + i, timestampMs, values[i], model.endOffset));
        }
        AppendResult result = TestBatches.append(log, TestBatches.batchAt(timestampMs, values));
        assertThat(result)
                .isInstanceOfSatisfying(
                        AppendResult.Appended.class,
                        appended -> assertThat(appended.firstOffset()).isEqualTo(model.endOffset));
        model.endOffset += values.length;
    }

    private static void check(PartitionLog log, Model model, Random random) throws IOException {
        LogSnapshot snapshot = log.snapshot();
        assertThat(snapshot.logEndOffset()).isEqualTo(model.endOffset);
        assertThat(snapshot.logStartOffset()).isEqualTo(model.startOffset);
        for (int i = 0; i < 3; i++) checkRead(snapshot, model, random);
        long timestampMs = NOW_MS + random.nextInt(2_100);
        Optional<Long> wanted = model.entries.stream()
                .filter(entry -> entry.offset >= model.startOffset && entry.timestampMs >= timestampMs)
                .map(Entry::offset)
                .findFirst();
        assertThat(snapshot.offsetForTimestamp(timestampMs).map(TimestampAndOffset::offset))
                .isEqualTo(wanted);
    }

    private static void checkRead(LogSnapshot snapshot, Model model, Random random) throws IOException {
        if (model.startOffset == model.endOffset) return;
        long from = random.nextLong(model.startOffset, model.endOffset);
        long bound = random.nextBoolean() ? model.endOffset : random.nextLong(from, model.endOffset + 1);
        int maxBytes = random.nextInt(2_000);
        boolean atLeastOne = random.nextBoolean();

        ReadResult.Read read = (ReadResult.Read) snapshot.read(from, maxBytes, atLeastOne, bound);
        List<Record> records = TestBatches.records(read);

        long firstUnreadable = model.entries.stream()
                .filter(entry -> entry.offset >= bound)
                .map(entry -> entry.batchBase)
                .findFirst()
                .orElse(bound);
        if (from >= firstUnreadable) {
            assertThat(records).isEmpty();
            return;
        }
        if (records.isEmpty()) {
            assertThat(atLeastOne).isFalse();
            assertThat(read.oversized()).isTrue();
            return;
        }
        if (!read.oversized()) assertThat(read.records().sizeInBytes()).isLessThanOrEqualTo(maxBytes);
        assertThat(records.getFirst().offset()).isLessThanOrEqualTo(from);
        assertThat(records.getLast().offset()).isBetween(from, firstUnreadable - 1);
        if (read.endReached()) assertThat(records.getLast().offset()).isEqualTo(firstUnreadable - 1);
        for (Record record : records) {
            Entry entry = model.entries.stream()
                    .filter(each -> each.offset == record.offset())
                    .findFirst()
                    .orElseThrow();
            assertThat(record.value()).isNotNull();
            assertThat(record.value().toUtf8()).isEqualTo(entry.value);
        }
    }
}
