package dev.tidemark.compatibility.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.storage.cleaner.CleanerConfig;
import dev.tidemark.storage.cleaner.CleaningResult;
import dev.tidemark.storage.cleaner.LogCleaner;
import dev.tidemark.storage.cleaner.PassWaits;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Apache Kafka's `kafka-dump-log` reads what our storage writes and finds nothing wrong with it.
class DumpLogSegmentsTest {
    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(20_000).indexIntervalBytes(500).build();
    private static final LogConfig COMPACTED =
            CONFIG.toBuilder().delete(false).compact(true).build();

    @TempDir
    private Path folder;

    private long wallMs = System.currentTimeMillis() - 1_000_000;

    @Test
    void allCodecsOverSeveralSegments() throws Exception {
        try (LocalDirectory local = new LocalDirectory(folder, CONFIG)) {
            PartitionLog log = local.create("codecs", CONFIG);
            fill(log, 300, 1000);
            assertThat(log.snapshot().segments()).hasSizeGreaterThan(3);
        }
        assertSound("codecs", 300 * 5);
    }

    @Test
    void producersAndTransactions() throws Exception {
        try (LocalDirectory local = new LocalDirectory(folder, CONFIG)) {
            PartitionLog log = local.create("producers", CONFIG);
            for (int i = 0; i < 200; i++) {
                append(log, batch(i).producer(7, 0, i * 5));
                append(log, batch(i).producer(8, 1, i * 5).transactional());
                if (i % 4 == 3) {
                    RecordBatchBuilder marker = new RecordBatchBuilder(Compression.NONE).producer(8, 1, -1);
                    append(log, marker.addEndTransactionMarker(wallMs++, i % 8 == 3, 0));
                }
            }
        }
        assertThat(names("producers")).anyMatch(name -> name.endsWith(".txnindex"));
        assertThat(names("producers")).anyMatch(name -> name.endsWith(".snapshot"));
        assertSound("producers", 2000);
        // The first abort, of the 2nd group of four, and what was known of the producer that wrote it at a stop.
        assertThat(dump("producers").lines())
                .anyMatch(line ->
                        line.matches(".*producerId: 8 firstOffset: 46 lastOffset: \\d+ lastStableOffset: \\d+.*"))
                .anyMatch(line ->
                        line.matches(".*producerId: 8 producerEpoch: 1 coordinatorEpoch: 0 .*lastOffset: \\d+.*"));
    }

    @Test
    void afterCompaction() throws Exception {
        try (LocalDirectory local = new LocalDirectory(folder, COMPACTED)) {
            PartitionLog log = local.create("compacted", COMPACTED);
            fill(log, 300, 40);
            for (int i = 0; i < 10; i++) append(log, tombstone(i));
            synchronized (log) {
                log.roll(wallMs);
            }
            CleaningResult result = compact(local, log);
            assertThat(result.bytesWritten()).isPositive().isLessThan(result.bytesRead() / 4);
        }
        String output = dump("compacted");
        assertThat(output).contains("deleteHorizonMs: OptionalLong[");
        assertSound("compacted", 40);
    }

    @Test
    void afterAnUncleanStop() throws Exception {
        Path killed = folder.resolve("killed");
        try (LocalDirectory local = new LocalDirectory(folder.resolve("live"), CONFIG)) {
            PartitionLog log = local.create("torn", CONFIG);
            for (int i = 0; i < 300; i++) append(log, batch(i).producer(7, 0, i * 5));
            copy(folder.resolve("live"), killed);
        }
        tearNewestLog(killed.resolve("torn-0"));
        try (LocalDirectory local = new LocalDirectory(killed, CONFIG)) {
            assertThat(local.log("torn").snapshot().logEndOffset()).isEqualTo(299 * 5);
        }
        folder = killed;
        assertSound("torn", 299 * 5);
    }

    // ---- writing

    private void fill(PartitionLog log, int batches, int keys) {
        for (int i = 0; i < batches; i++) append(log, batch(i, keys));
    }

    private RecordBatchBuilder batch(int i) {
        return batch(i, 1000);
    }

    /// Five records; the codecs take turns.
    private RecordBatchBuilder batch(int i, int keys) {
        CompressionType[] types = CompressionType.values();
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.of(types[i % types.length]));
        for (int j = 0; j < 5; j++) {
            String key = "key-" + (i * 5 + j) % keys;
            builder.add(wallMs++, Bytes.utf8(key), Bytes.utf8("value " + i + " " + "tide ".repeat(i % 30)));
        }
        return builder;
    }

    private RecordBatchBuilder tombstone(int key) {
        return new RecordBatchBuilder(Compression.NONE).add(wallMs++, Bytes.utf8("key-" + key), null);
    }

    private void append(PartitionLog log, RecordBatchBuilder batch) {
        ByteBuffer bytes = batch.build();
        boolean isControl = new dev.tidemark.protocol.record.BatchHeader(bytes, 0).isControl();
        AppendOrigin origin = isControl ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
        synchronized (log) {
            AppendResult result = log.appendAsLeader(bytes, 3, origin, wallMs);
            assertThat(result).isInstanceOf(AppendResult.Appended.class);
            log.onHighWatermark(log.snapshot().logEndOffset());
        }
    }

    private static CleaningResult compact(LocalDirectory local, PartitionLog log) throws Exception {
        CompletableFuture<CleaningResult> cleaned = new CompletableFuture<>();
        LogCleaner.Listener listener = new LogCleaner.Listener() {
            @Override
            public void onCleaned(TopicPartition partition, CleaningResult result) {
                cleaned.complete(result);
            }

            @Override
            public void onDiskFailure(IOException cause) {
                cleaned.completeExceptionally(cause);
            }
        };
        CleanerConfig config = new CleanerConfig(true, 1, 1 << 20, 0.9, 1 << 16, Double.MAX_VALUE, 1, 1 << 24);
        try (LogCleaner cleaner = new LogCleaner(
                config, Clock.SYSTEM, local, local.threads, local.directory.cleaned(), PassWaits.BLOCKING, listener)) {
            cleaner.start();
            cleaner.add(log, task -> {
                synchronized (log) {
                    task.run();
                }
            });
            return cleaned.get();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                if (path.getFileName().toString().equals(".lock")) continue;
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private static void tearNewestLog(Path partition) throws IOException {
        try (Stream<Path> all = Files.list(partition)) {
            Path newest = all.filter(path -> path.toString().endsWith(".log"))
                    .max(Path::compareTo)
                    .orElseThrow();
            try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 7);
            }
        }
    }

    // ---- reading

    private void assertSound(String topic, int records) throws Exception {
        String output = KafkaDump.assertSound(folder.resolve(topic + "-0"));
        assertThat(output.lines().filter(line -> line.startsWith("| offset: ") && line.contains(" key: key-")))
                .hasSize(records);
    }

    private String dump(String topic) throws Exception {
        return KafkaDump.print(folder.resolve(topic + "-0"));
    }

    private List<String> names(String topic) throws IOException {
        return KafkaDump.names(folder.resolve(topic + "-0"));
    }
}
