package dev.tidemark.broker.core;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.partition.Partition;
import dev.tidemark.broker.partition.ReplicaListener;
import dev.tidemark.storage.cleaner.CleanerConfig;
import dev.tidemark.storage.cleaner.CleanerThreads;
import dev.tidemark.storage.cleaner.LogCleaner;
import dev.tidemark.storage.cleaner.PassWaits;
import dev.tidemark.storage.directory.LogDirectory;
import dev.tidemark.storage.retention.LogRetention;
import dev.tidemark.storage.segment.CorruptLogException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What goes on in the log directories in the background: old segments are deleted, compacted topics cleaned.
///
/// Life cycle: each directory is taken on when it is open, and all are let go at the end. Any thread.
final class DirectoryUpkeep implements ReplicaListener {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryUpkeep.class);

    private record Workers(LogCleaner cleaner, LogRetention retention) {}

    private final Map<LogDirectory, Workers> byDirectory = new ConcurrentHashMap<>();
    private final Clock clock;
    private final Executor diskThreads;
    private final CleanerThreads cleanerThreads;
    private final PassWaits cleanerWaits;

    DirectoryUpkeep(Clock clock, Executor diskThreads, Executor cleanerThreads, PassWaits cleanerWaits) {
        this.clock = clock;
        this.diskThreads = diskThreads;
        this.cleanerWaits = cleanerWaits;
        this.cleanerThreads = new CleanerThreads(cleanerThreads, CleanerConfig.DEFAULT.threads());
    }

    void takeOn(LogDirectory directory, ConfigValues values, Loop timers) {
        LogCleaner cleaner = new LogCleaner(
                cleanerConfig(values),
                clock,
                timers,
                cleanerThreads,
                directory.cleaned(),
                cleanerWaits,
                new Reports(directory));
        cleanerThreads.max(values.intValue("log.cleaner.threads"));
        LogRetention retention = new LogRetention(
                clock,
                timers,
                diskThreads,
                values.longValue("log.retention.check.interval.ms"),
                values.longValue("log.initial.task.delay.ms"),
                directory::onDiskFailure);
        byDirectory.put(directory, new Workers(cleaner, retention));
        cleaner.start();
        retention.start();
    }

    private static CleanerConfig cleanerConfig(ConfigValues values) {
        return new CleanerConfig(
                values.booleanValue("log.cleaner.enable"),
                values.intValue("log.cleaner.threads"),
                values.longValue("log.cleaner.dedupe.buffer.size"),
                values.doubleValue("log.cleaner.io.buffer.load.factor"),
                values.intValue("log.cleaner.io.buffer.size"),
                values.doubleValue("log.cleaner.io.max.bytes.per.second"),
                values.longValue("log.cleaner.backoff.ms"),
                CleanerConfig.DEFAULT.decompressedBytesMax());
    }

    /// The broker's configs changed while it runs.
    void onConfigChange(ConfigValues values) {
        CleanerConfig config = cleanerConfig(values);
        cleanerThreads.max(config.threads());
        byDirectory.values().forEach(workers -> workers.cleaner.onConfigChange(config));
    }

    @Override
    public void onOpened(Partition partition) {
        Workers workers = byDirectory.get(partition.directory());
        if (workers == null) return;
        workers.retention.add(partition.log(), partition::inTurn);
        if (partition.log().config().compact()) workers.cleaner.add(partition.log(), partition::inTurn);
    }

    @Override
    public void onChanged(Partition partition) {
        Workers workers = byDirectory.get(partition.directory());
        if (workers == null) return;
        workers.retention.onChange(partition.id());
        if (partition.log().config().compact()) {
            workers.cleaner.add(partition.log(), partition::inTurn);
        } else {
            workers.cleaner.remove(partition.id());
        }
    }

    @Override
    public void onTruncated(Partition partition, long offset) {
        partition.directory().cleaned().lower(partition.id(), offset);
    }

    @Override
    public void onDeleting(Partition partition) {
        Workers workers = byDirectory.get(partition.directory());
        if (workers == null) return;
        workers.retention.remove(partition.id());
        workers.cleaner.remove(partition.id());
    }

    void stop() {
        byDirectory.values().forEach(workers -> {
            workers.cleaner.close();
            workers.retention.close();
        });
    }

    /// Tells the operator what the cleaner meets.
    private record Reports(LogDirectory directory) implements LogCleaner.Listener {
        @Override
        public void onUncleanable(TopicPartition partition, CorruptLogException cause) {
            LOG.error("{} is damaged and is not compacted any more: {}", partition, cause.getMessage());
        }

        @Override
        public void onDiskFailure(IOException cause) {
            directory.onDiskFailure(cause);
        }
    }
}
