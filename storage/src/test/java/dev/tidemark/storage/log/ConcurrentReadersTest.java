package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.protocol.record.Record;
import dev.tidemark.storage.TestBatches;
import dev.tidemark.storage.TestWorld;
import dev.tidemark.storage.directory.LogDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Readers, a writer that rolls and deletes, and a write-back on real files, of which hardly any may stay open.
class ConcurrentReadersTest {
    private static final int BATCHES = 3_000;

    @TempDir
    Path folder;

    @Test
    void readersSeeTheLogWhateverTheWriterDoes() throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            LogDirectory.Options options = new LogDirectory.Options(folder, 2, 3, 20_000, 1, 1_000);
            LogDirectory directory = LogDirectory.open(
                    options,
                    new LogDirectory.Identity("cluster", 1, TestWorld.TOPIC_ID),
                    new FileDisk(),
                    new TestWorld(),
                    threads,
                    new TestWorld());
            directory.load(_ -> LogConfig.DEFAULT).join();
            LogConfig config = LogConfig.builder()
                    .segmentBytes(10_000)
                    .indexIntervalBytes(300)
                    .build();
            PartitionLog log = directory.create(new TopicPartition("t", 0), TestWorld.TOPIC_ID, config);

            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                long seed = i;
                readers.add(CompletableFuture.runAsync(() -> readUntilTheEnd(log, new Random(seed)), threads));
            }
            for (int i = 0; i < BATCHES; i++) {
                assertThat(append(log, batch("value-" + i))).isInstanceOf(AppendResult.Appended.class);
                if (i % 500 == 499) log.deleteSegmentsBelow(i - 300, Clock.SYSTEM.wallMs());
                if (i % 100 == 0) log.force().join();
            }
            readers.forEach(CompletableFuture::join);

            assertThat(directory.isOnline()).isTrue();
            // One in use for each thread, and some that the hand has not come to yet.
            assertThat(directory.openFileCount()).isLessThan(20);
            directory.close(true).join();
        }
    }

    private static void readUntilTheEnd(PartitionLog log, Random random) {
        long next = 0;
        while (next < BATCHES) {
            LogSnapshot snapshot = log.snapshot();
            if (random.nextInt(20) == 0) next = snapshot.logStartOffset();
            next = Math.max(next, snapshot.logStartOffset());
            try {
                next = readSome(snapshot, next, random);
            } catch (IOException failure) {
                throw new AssertionError("at offset " + next, failure);
            }
            Thread.onSpinWait();
        }
    }

    private static long readSome(LogSnapshot snapshot, long offset, Random random) throws IOException {
        ReadResult result = snapshot.read(offset, 100 + random.nextInt(5_000), true, Long.MAX_VALUE);
        // Meanwhile a deletion may have passed by.
        if (result instanceof ReadResult.OutOfRange(long start, long _)) return start;
        List<Record> records = TestBatches.records(result);
        long next = offset;
        for (Record record : records) {
            if (record.offset() < offset) continue;
            assertThat(record.offset()).isEqualTo(next++);
            assertThat(record.value()).isNotNull();
            assertThat(record.value().toUtf8()).isEqualTo("value-" + record.offset());
        }
        return next;
    }
}
