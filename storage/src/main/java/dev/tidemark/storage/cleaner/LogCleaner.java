package dev.tidemark.storage.cleaner;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.checkpoint.CleanedOffsets;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.segment.CorruptLogException;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compacts the logs of one log directory: those that were [#add]ed, the dirtiest first, on the directory's executor. A
/// log that cannot be cleaned, because it is damaged, is left alone and reported until it is added again.
///
/// Life cycle: [#start], work, [#close]. Any thread; the monitor guards who is to be cleaned, and is never held while
/// the disk works.
public final class LogCleaner implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogCleaner.class);

    /// Hears of passes, on the thread that did them.
    public interface Listener {
        default void onCleaned(TopicPartition partition, CleaningResult result) {}

        /// The log is damaged and will not be cleaned any more.
        default void onUncleanable(TopicPartition partition, CorruptLogException cause) {}

        /// The disk failed.
        void onDiskFailure(IOException cause);
    }

    private final Clock clock;
    private final Loop timers;
    private final Executor disk;
    private final CleanedOffsets cleaned;
    private final Listener listener;
    private final PassWaits waits;
    private final IoThrottle throttle;
    private final Map<TopicPartition, CleanableLog> logs = new HashMap<>();
    private final Map<TopicPartition, CorruptLogException> uncleanable = new HashMap<>();
    private final Set<TopicPartition> busy = new HashSet<>();

    private CleanerConfig config;
    private int workers;
    private Loop.@Nullable Timer next;
    private boolean running;

    /// @param disk runs what may block; a pass may take minutes
    /// @param cleaned the directory's
    public LogCleaner(
            CleanerConfig config,
            Clock clock,
            Loop timers,
            Executor disk,
            CleanedOffsets cleaned,
            PassWaits waits,
            Listener listener) {
        this.config = config;
        this.clock = clock;
        this.timers = timers;
        this.disk = disk;
        this.cleaned = cleaned;
        this.listener = listener;
        this.waits = waits;
        this.throttle = new IoThrottle(clock, waits::sleep, config.ioBytesPerSecondMax());
    }

    public synchronized void start() {
        running = true;
        schedule();
    }

    public synchronized void onConfigChange(CleanerConfig newConfig) {
        config = newConfig;
        throttle.bytesPerSecondMax(newConfig.ioBytesPerSecondMax());
        if (next != null) next.cancel();
        next = null;
        schedule();
    }

    /// From now on the log is compacted. Also after a change of its configuration.
    ///
    /// @param turn runs what changes the log, in its writer's turn: `serial::execute`
    public synchronized void add(PartitionLog log, Executor turn) {
        logs.put(log.topicPartition(), new CleanableLog(log, turn));
        uncleanable.remove(log.topicPartition());
        schedule();
    }

    /// The log is not compacted any more; a pass that is under way gives up when it wants to put a segment in place.
    public synchronized void remove(TopicPartition partition) {
        logs.remove(partition);
        uncleanable.remove(partition);
    }

    /// The logs that cannot be cleaned, and why.
    public synchronized Map<TopicPartition, CorruptLogException> uncleanable() {
        return Map.copyOf(uncleanable);
    }

    @Override
    public synchronized void close() {
        running = false;
        if (next != null) next.cancel();
    }

    // ---- who is next

    private void schedule() {
        if (!running || next != null || logs.isEmpty() || !config.enabled() || config.threads() == 0) return;
        next = timers.runAfter(config.backoffMs(), this::onTimer);
    }

    private synchronized void onTimer() {
        next = null;
        while (running && config.enabled() && workers < config.threads()) {
            workers++;
            disk.execute(this::work);
        }
    }

    /// Cleans as long as there is something worth it.
    private void work() {
        try {
            while (true) {
                Task task = takeDirtiest();
                if (task == null) return;
                try {
                    clean(task);
                } finally {
                    giveBack(task);
                }
            }
        } catch (IOException failure) {
            listener.onDiskFailure(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                workers--;
                schedule();
            }
        }
    }

    private record Task(CleanableLog log, CleanableRange range, CleanerConfig config, OffsetMap map) {}

    private @Nullable Task takeDirtiest() throws IOException {
        Map<CleanableLog, Long> candidates = candidates();
        CleanableLog dirtiest = null;
        CleanableRange itsRange = null;
        for (Map.Entry<CleanableLog, Long> candidate : candidates.entrySet()) {
            CleanableLog log = candidate.getKey();
            CleanableRange range = range(log, candidate.getValue());
            if (range == null || !range.isWorthIt(log.config())) continue;
            if (itsRange == null || range.dirtyRatio() > itsRange.dirtyRatio()) {
                dirtiest = log;
                itsRange = range;
            }
        }
        return dirtiest == null || itsRange == null ? null : take(dirtiest, itsRange);
    }

    /// Null where the log changed meanwhile: it is looked at again.
    private @Nullable CleanableRange range(CleanableLog log, long cleanedTo) throws IOException {
        List<LogSegment> before = log.segments();
        try {
            return CleanableRange.of(log, cleanedTo, clock.wallMs());
        } catch (IOException failure) {
            if (!log.explains(failure, before)) throw failure;
            return null;
        }
    }

    /// A log with one segment has nothing to clean: its active segment stays.
    private synchronized Map<CleanableLog, Long> candidates() {
        Map<CleanableLog, Long> candidates = new LinkedHashMap<>();
        if (!running) return candidates;
        logs.forEach((partition, log) -> {
            boolean isFree = !busy.contains(partition) && !uncleanable.containsKey(partition);
            if (isFree && !log.log().isClosed() && log.segments().size() > 1)
                candidates.put(log, cleaned.of(partition).orElse(-1L));
        });
        return candidates;
    }

    private synchronized @Nullable Task take(CleanableLog log, CleanableRange range) {
        if (!running || !busy.add(log.topicPartition())) return null;
        long mapBytes = config.dedupeBufferBytes() / Math.max(1, config.threads());
        return new Task(log, range, config, new OffsetMap(mapBytes, config.dedupeLoadFactor()));
    }

    private synchronized void giveBack(Task task) {
        busy.remove(task.log().topicPartition());
    }

    // ---- one pass

    private void clean(Task task) throws IOException, InterruptedException {
        CleanableLog log = task.log();
        TopicPartition partition = log.topicPartition();
        List<LogSegment> before = log.segments();
        try {
            // Where the recovery point is lost, this tells whether compaction may have left gaps: so it comes first.
            if (!checkpoint(log, task.range().fromOffset())) return;
            CleaningResult result = compaction(task).run(task.range(), clock.wallMs());
            LOGGER.debug("Compacted {}: {}", partition, result);
            if (result.completed()) checkpoint(log, result.cleanedTo());
            listener.onCleaned(partition, result);
        } catch (CorruptLogException damaged) {
            synchronized (this) {
                uncleanable.put(partition, damaged);
            }
            LOGGER.error("{} is not compacted any more: {}", partition, damaged.getMessage());
            listener.onUncleanable(partition, damaged);
        } catch (IOException failure) {
            if (!log.explains(failure, before)) throw failure;
            LOGGER.debug("{} changed while it was compacted: {}", partition, failure.toString());
        }
    }

    private LogCompaction compaction(Task task) {
        int threads = Math.max(1, task.config().threads());
        int bufferBytes = Math.max(4096, task.config().ioBufferBytes() / threads / 2);
        return new LogCompaction(
                task.log(),
                task.map(),
                new CleanerPass(throttle),
                waits,
                bufferBytes,
                task.config().decompressedBytesMax());
    }

    /// @return false if the log is not compacted any more
    private boolean checkpoint(CleanableLog log, long offset) throws IOException {
        synchronized (this) {
            CleanableLog now = logs.get(log.topicPartition());
            // Or one of the same name was made meanwhile.
            if (now == null || !now.log().equals(log.log())) return false;
            cleaned.put(log.topicPartition(), offset);
        }
        cleaned.write();
        return true;
    }
}
