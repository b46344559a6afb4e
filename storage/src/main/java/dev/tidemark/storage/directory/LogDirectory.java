package dev.tidemark.storage.directory;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/// One entry of `log.dirs`. Holds its lock, loads its logs, forces them in the background, keeps the checkpoints, and
/// goes offline when the disk fails and online again when it works.
///
/// Life cycle: [#open], [#load], work, [#close]. Any thread.
@SuppressWarnings("DoNotCallSuggester")
public final class LogDirectory {
    /// How a directory is run.
    ///
    /// @param recoveryThreads   how many logs are loaded at once (`num.recovery.threads.per.data.dir`)
    /// @param openFilesMax      about how many files are kept open
    /// @param writeBackBytes    so many bytes appended start a write-back
    /// @param writeBackMs       and so long after the first append it starts anyhow
    /// @param probeMs           how often an offline directory is tried
    public record Options(
            Path path, int recoveryThreads, int openFilesMax, long writeBackBytes, long writeBackMs, long probeMs) {
        public static Options of(Path path) {
            return new Options(path, 2, 4096, 64L << 20, 3_000, 5_000);
        }
    }

    /// What meta.properties holds.
    ///
    /// @param directoryId [Uuid#ZERO] on opening: taken from the file or chosen anew
    public record Identity(String clusterId, int nodeId, Uuid directoryId) {}

    /// Hears of the directory's state, on the thread that noticed.
    public interface Listener {
        /// Appends are refused with KAFKA_STORAGE_ERROR from now on; reads go on where the disk lets them.
        void onOffline(LogDirectory directory, IOException cause);

        void onOnline(LogDirectory directory);
    }

    /// Locks the folder, creating it if it is missing, and reads or writes its meta.properties.
    ///
    /// @param timers  for write-back and probes
    /// @param blocking runs what may block; at least `recoveryThreads` threads to load in parallel
    /// @throws IOException with a text for the operator: locked by another process, a folder of another cluster or
    ///                     node, not writable
    public static LogDirectory open(
            Options options, Identity expected, Disk disk, Loop timers, Executor blocking, Listener listener)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Opens every log, in parallel; recovers what an unclean stop left.
    ///
    /// @param configOf the configuration by the topic's name
    public CompletableFuture<Void> load(Function<String, LogConfig> configOf) {
        throw new UnsupportedOperationException();
    }

    public Path path() {
        throw new UnsupportedOperationException();
    }

    public Identity identity() {
        throw new UnsupportedOperationException();
    }

    public boolean isOnline() {
        throw new UnsupportedOperationException();
    }

    /// Whether the last stop was clean; false where the folder is new, too.
    public boolean wasCleanlyStopped() {
        throw new UnsupportedOperationException();
    }

    public Collection<PartitionLog> logs() {
        throw new UnsupportedOperationException();
    }

    public Optional<PartitionLog> log(TopicPartition partition) {
        throw new UnsupportedOperationException();
    }

    /// Makes the log of a new partition: one folder and its partition.metadata.
    public PartitionLog create(TopicPartition partition, Uuid topicId, LogConfig config) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Removes a log at once from the names, and its files after `file.delete.delay.ms`. Its serial must give it no
    /// more
    /// work. Also while offline: then the files go when the directory is back.
    public void delete(PartitionLog log) {
        throw new UnsupportedOperationException();
    }

    /// Total bytes of all logs, and what the file system has.
    public Disk.Space space() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Stops; the logs must get no more work. A clean stop forces everything, writes indexes, producer snapshots and
    /// checkpoints, and leaves the marker of a clean stop. Blocks.
    public void close(boolean clean) throws IOException {
        throw new UnsupportedOperationException();
    }
}
