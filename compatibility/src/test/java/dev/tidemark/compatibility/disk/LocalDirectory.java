package dev.tidemark.compatibility.disk;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.FileDisk;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import dev.tidemark.protocol.record.RecordReader;
import dev.tidemark.storage.checkpoint.MetaPropertiesFile;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.log.AppendOrigin;
import dev.tidemark.storage.log.AppendResult;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A log directory of our storage on the real disk, with real threads.
final class LocalDirectory implements Loop, LogDirectory.Listener, AutoCloseable {
    private static final int THREADS = 2;

    final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS);
    final Disk disk = new FileDisk();
    final LogDirectory directory;
    private volatile @Nullable IOException failure;

    /// Opens what the folder holds, whoever wrote it.
    LocalDirectory(Path folder, LogConfig config) throws IOException {
        Optional<MetaPropertiesFile.Content> found =
                MetaPropertiesFile.read(disk, folder.resolve(MetaPropertiesFile.NAME));
        String clusterId = found.flatMap(MetaPropertiesFile.Content::clusterId).orElse("cluster");
        directory = LogDirectory.open(
                LogDirectory.Options.of(folder),
                new LogDirectory.Identity(clusterId, 1, new Uuid(3, 4)),
                disk,
                this,
                threads,
                this);
        directory.load(_ -> config).join();
    }

    PartitionLog create(String topic, LogConfig config) throws IOException {
        return directory.create(new TopicPartition(topic, 0), new Uuid(5, topic.hashCode()), config);
    }

    PartitionLog log(String topic) {
        return directory.log(new TopicPartition(topic, 0)).orElseThrow();
    }

    /// Appends one record as the leader of the epoch that the log knows.
    void append(PartitionLog log, String key, String value) {
        ByteBuffer batch = new RecordBatchBuilder(Compression.NONE)
                .add(System.currentTimeMillis(), Bytes.utf8(key), Bytes.utf8(value))
                .build();
        AppendResult result =
                log.appendAsLeader(batch, log.latestEpoch().orElse(0), AppendOrigin.CLIENT, System.currentTimeMillis());
        if (!(result instanceof AppendResult.Appended)) throw new AssertionError(result.toString());
        log.onHighWatermark(log.snapshot().logEndOffset());
    }

    /// A record as it lies on the disk.
    record Stored(
            long offset,
            long timestamp,
            @Nullable String key,
            @Nullable String value) {}

    /// All records of a log but markers; every checksum is looked at.
    static List<Stored> records(PartitionLog log) throws IOException {
        List<Stored> records = new ArrayList<>();
        for (LogSegment segment : log.snapshot().segments()) {
            BatchCursor cursor =
                    new BatchCursor(segment.log(), 0, segment.sizeInBytes(), ByteBuffer.allocate(64 * 1024));
            while (cursor.next()) {
                BatchHeader batch = cursor.whole();
                if (!batch.isCrcValid()) throw new AssertionError("damaged: " + batch);
                if (batch.isControl()) continue;
                RecordReader.readAll(batch, 1 << 24)
                        .forEach(record -> records.add(new Stored(
                                record.offset(), record.timestamp(), text(record.key()), text(record.value()))));
            }
            if (cursor.problem() != null) throw new AssertionError(cursor.problem());
        }
        return records;
    }

    private static @Nullable String text(@Nullable Bytes bytes) {
        return bytes == null ? null : bytes.toUtf8();
    }

    @Override
    public void run(Runnable task) {
        threads.execute(task);
    }

    @Override
    public Timer runAfter(long delayMs, Runnable task) {
        var future = threads.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public Clock clock() {
        return Clock.SYSTEM;
    }

    @Override
    public void onOffline(LogDirectory offline, IOException cause) {
        failure = cause;
    }

    @Override
    public void onOnline(LogDirectory online) {}

    /// A clean stop.
    @Override
    public void close() throws IOException {
        directory.close(true).join();
        threads.shutdownNow();
        IOException failed = failure;
        if (failed != null) throw failed;
    }
}
