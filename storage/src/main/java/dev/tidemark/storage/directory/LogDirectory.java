package dev.tidemark.storage.directory;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.Uuid;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.time.Loop;
import dev.tidemark.storage.checkpoint.CleanedOffsets;
import dev.tidemark.storage.checkpoint.PartitionMetadataFile;
import dev.tidemark.storage.log.LoadedLog;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogHost;
import dev.tidemark.storage.log.PartitionLog;
import dev.tidemark.storage.recovery.LogLoader;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.OpenFiles;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One entry of `log.dirs`. Holds its lock, loads its logs, forces them in the background, keeps the checkpoints, and
/// goes offline when the disk fails and online again when it works.
///
/// Life cycle: [#open], [#load], work, [#close]. Any thread.
public final class LogDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

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
            return new Options(path, 2, 4096, 1L << 30, 60_000, 5_000);
        }
    }

    /// What meta.properties holds.
    ///
    /// @param directoryId where the file has none yet, the one to take
    public record Identity(String clusterId, int nodeId, Uuid directoryId) {}

    /// Hears of the directory's state, on the thread that noticed.
    public interface Listener {
        /// Appends are refused with KAFKA_STORAGE_ERROR from now on; reads go on where the disk lets them.
        void onOffline(LogDirectory directory, IOException cause);

        void onOnline(LogDirectory directory);
    }

    private final Options options;
    private final Identity identity;
    private final Disk disk;
    private final Loop timers;
    private final Executor blocking;
    private final Listener listener;
    private final DirectoryLock lock;
    private final CleanStop cleanStop;
    private final boolean wasCleanlyStopped;
    private final FailureMark failureMark;
    private final CompactionMark compactionMark;
    private final OpenFiles openFiles;
    private final DirectoryCheckpoints checkpoints;
    private final DirectoryHealth health;
    private final WriteBack writeBack;
    private final GroupCommit groupCommit;
    private final LogHost host = new Host();
    private final ConcurrentHashMap<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<TopicPartition, IOException> unopened = new ConcurrentHashMap<>();
    private final FolderDeletions deletions;
    /// Null before it has begun.
    private volatile @Nullable CompletableFuture<Void> loading;
    /// The lock is given back: somebody else may own the files.
    private volatile boolean isUnlocked;

    private LogDirectory(
            Options options,
            Identity identity,
            Disk disk,
            Loop timers,
            Executor blocking,
            Listener listener,
            DirectoryLock lock) {
        this.options = options;
        this.identity = identity;
        this.disk = disk;
        this.timers = timers;
        this.blocking = blocking;
        this.listener = listener;
        this.lock = lock;
        this.cleanStop = new CleanStop(disk, options.path);
        this.wasCleanlyStopped = cleanStop.isMarked();
        this.failureMark = new FailureMark(disk, options.path);
        this.compactionMark = new CompactionMark(disk, options.path);
        this.openFiles = new OpenFiles(disk, options.openFilesMax);
        this.checkpoints = new DirectoryCheckpoints(disk, options.path);
        this.health = new DirectoryHealth(disk, options.path, new Healing(), timers, blocking, options.probeMs);
        this.deletions = new FolderDeletions(disk, options.path, timers, blocking);
        ForceTogether together = new ForceTogether(disk, options.path);
        this.writeBack = new WriteBack(
                health,
                this::writeCheckpoints,
                together,
                timers,
                blocking,
                options.writeBackBytes,
                options.writeBackMs);
        this.groupCommit = new GroupCommit(health, together, blocking);
    }

    /// Locks the folder, creating it if it is missing, and reads or writes its meta.properties.
    ///
    /// @param timers   for write-back and probes
    /// @param blocking runs what may block; at least `recoveryThreads` threads to load in parallel
    /// @throws IOException with a text for the operator: locked by another process, a folder of another cluster or
    ///                     node, not writable
    public static LogDirectory open(
            Options options, Identity expected, Disk disk, Loop timers, Executor blocking, Listener listener)
            throws IOException {
        DirectoryIdentity.createLasting(options.path, disk);
        DirectoryLock lock = DirectoryLock.acquire(disk, options.path);
        try {
            Identity identity = DirectoryIdentity.readOrWrite(options.path, expected, disk);
            return new LogDirectory(options, identity, disk, timers, blocking, listener, lock);
        } catch (IOException failure) {
            lock.close();
            throw failure;
        }
    }

    /// Opens every log, in parallel; recovers what an unclean stop left. A log that cannot be opened is left out.
    ///
    /// @param configOf the configuration by the topic's name; called from several threads
    public CompletableFuture<Void> load(Function<String, LogConfig> configOf) {
        DirectoryLoader loader = new DirectoryLoader(
                disk,
                options.path,
                openFiles,
                checkpoints,
                wasCleanlyStopped,
                compactionMark.wasMarked(),
                timers.clock().wallMs());
        CompletableFuture<Void> load = CompletableFuture.supplyAsync(() -> findFolders(loader), blocking)
                .thenCompose(partitions ->
                        loader.load(partitions, configOf, new Opened(), blocking, options.recoveryThreads));
        if (failureMark.wasMarked()) load = load.thenRunAsync(this::unmarkFailure, blocking);
        load = load.thenRun(this::onLoaded);
        loading = load;
        return load;
    }

    private List<TopicPartition> findFolders(DirectoryLoader loader) {
        try {
            DirectoryLoader.Folders folders = loader.find();
            if (wasCleanlyStopped || folders.partitions().isEmpty()) compactionMark.mark();
            cleanStop.unmark();
            for (Path deleted : folders.deleted()) host.run(() -> disk.deleteRecursively(deleted));
            return folders.partitions();
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private final class Opened implements DirectoryLoader.Results {
        @Override
        public void onOpened(LoadedLog loaded, LogConfig config) {
            PartitionLog log = new PartitionLog(loaded, config, host);
            logs.put(log.topicPartition(), log);
            if (failureMark.wasMarked()) rewrite(log);
            // What a crash left unforced is forced now, so that the next start need not read it again.
            if (loaded.recoveryPoint() < loaded.logEndOffset()) host.onAppend(log, 0);
        }

        private void rewrite(PartitionLog log) {
            try {
                log.forcing().doubt();
                log.forcing().rewriteWhatIsInDoubt();
            } catch (IOException failure) {
                health.onFailure(failure);
            }
        }

        @Override
        public void onFailed(TopicPartition partition, IOException cause) {
            unopened.put(partition, cause);
        }
    }

    /// Where the directory is offline meanwhile, healing does it. What could not be opened was not written again.
    private void unmarkFailure() {
        try {
            if (health.isOnline() && unopened.isEmpty()) failureMark.unmark();
        } catch (IOException failure) {
            health.onFailure(failure);
        }
    }

    /// Now that it is known who is here, the checkpoints may be written.
    private void onLoaded() {
        Set<TopicPartition> here = new HashSet<>(logs.keySet());
        here.addAll(unopened.keySet());
        checkpoints.cleaned().retain(here);
        host.onCheckpointChange();
    }

    public Path path() {
        return options.path;
    }

    /// For the cleaner of this directory.
    public CleanedOffsets cleaned() {
        return checkpoints.cleaned();
    }

    public Identity identity() {
        return identity;
    }

    public boolean isOnline() {
        return health.isOnline();
    }

    /// Whether the last stop was clean; false where the folder is new, too.
    public boolean wasCleanlyStopped() {
        return wasCleanlyStopped;
    }

    /// A live view.
    public Collection<PartitionLog> logs() {
        return Collections.unmodifiableCollection(logs.values());
    }

    public Optional<PartitionLog> log(TopicPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    /// Whether the log lies here but could not be opened at the start: its replica is offline until an operator has
    /// mended or removed its folder and the broker has started again, or the topic is deleted.
    public boolean isUnopened(TopicPartition partition) {
        return unopened.containsKey(partition);
    }

    /// A live view of those, and why.
    public Map<TopicPartition, IOException> unopened() {
        return Collections.unmodifiableMap(unopened);
    }

    /// Deletes the folder of a log that could not be opened: its topic is gone. Blocks.
    public void deleteUnopened(TopicPartition partition) {
        if (unopened.remove(partition) == null) return;
        checkpoints.cleaned().forget(partition);
        host.onCheckpointChange();
        deletions.delete(options.path.resolve(FolderNames.of(partition)));
    }

    /// How many files are open.
    public int openFileCount() {
        return openFiles.openCount();
    }

    /// Makes the log of a new partition: one folder and its partition.metadata. Blocks for these. A folder that a
    /// failed creation left is taken, one that holds a log is not.
    ///
    /// @throws IOException if the disk fails, which takes the directory offline, or it is offline
    public PartitionLog create(TopicPartition partition, Uuid topicId, LogConfig config) throws IOException {
        if (!isOnline()) throw new IOException("the log directory " + options.path + " is offline");
        Path path = options.path.resolve(FolderNames.of(partition));
        boolean isTaken = logs.containsKey(partition) || unopened.containsKey(partition) || holdsLog(path);
        if (isTaken) throw new IOException(path + " is there already, and is in use or could not be opened");
        PartitionFolder folder = new PartitionFolder(openFiles, path);
        try {
            checkpoints.forget(partition, logs.values(), unopened.keySet());
            disk.createDirectories(path);
            PartitionMetadataFile.write(disk, path.resolve(FileNames.PARTITION_METADATA), topicId);
        } catch (IOException failure) {
            health.onFailure(failure);
            throw failure;
        }
        LoadedLog fresh =
                LogLoader.fresh(folder, partition, topicId, timers.clock().wallMs());
        PartitionLog log = new PartitionLog(fresh, config, host);
        PartitionLog before = logs.putIfAbsent(partition, log);
        if (before != null) throw new IOException(partition + " exists in " + options.path);
        return log;
    }

    private boolean holdsLog(Path folder) throws IOException {
        if (!disk.exists(folder)) return false;
        return disk.list(folder).stream().anyMatch(name -> !name.startsWith(FileNames.PARTITION_METADATA));
    }

    /// Takes a log away at once, and its files after `file.delete.delay.ms`. Its serial must give it no more work.
    /// Blocks for renaming its folder. Also while offline: what fails is tried again when the directory is back.
    public void delete(PartitionLog log) {
        if (!log.equals(logs.get(log.topicPartition()))) return;
        checkpoints.cleaned().forget(log.topicPartition()); // Before another one of this name can be made.
        if (!logs.remove(log.topicPartition(), log)) return;
        log.onDelete();
        if (deletions.delete(log)) host.onCheckpointChange();
    }

    /// Somebody who works in the folder found that the disk fails: the directory goes offline.
    public void onDiskFailure(IOException cause) {
        health.onFailure(cause);
    }

    /// What the file system has.
    public Disk.Space space() throws IOException {
        return disk.space(options.path);
    }

    /// Stops; the logs must get no more work. A clean stop waits until all are loaded, or the checkpoints
    /// would leave some out; then it forces everything, writes indexes, producer snapshots and
    /// checkpoints, and at last the marker of a clean stop; the future fails where the disk does.
    public CompletableFuture<Void> close(boolean clean) {
        writeBack.stop();
        health.stop();
        CompletableFuture<Void> load = loading;
        if (!clean || load == null) return CompletableFuture.runAsync(this::closeAsItIs, blocking);
        return load.handle((_, failure) -> failure == null && isOnline())
                .thenCompose(
                        isWhole -> isWhole ? closeCleanly() : CompletableFuture.runAsync(this::closeAsItIs, blocking));
    }

    private void closeAsItIs() {
        for (PartitionLog log : logs.values()) log.close();
        unlock();
    }

    private CompletableFuture<Void> closeCleanly() {
        ConcurrentLinkedQueue<PartitionLog> open = new ConcurrentLinkedQueue<>(logs.values());
        List<CompletableFuture<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < Math.max(1, options.recoveryThreads); i++) {
            tasks.add(CompletableFuture.runAsync(() -> closeAll(open), blocking));
        }
        return CompletableFuture.allOf(tasks.toArray(CompletableFuture[]::new))
                .thenRunAsync(this::markCleanStop, blocking)
                .whenCompleteAsync((_, _) -> unlock(), Runnable::run);
    }

    private static void closeAll(ConcurrentLinkedQueue<PartitionLog> open) {
        for (PartitionLog log = open.poll(); log != null; log = open.poll()) {
            try {
                log.closeCleanly();
            } catch (IOException failure) {
                throw new CompletionException(failure);
            }
        }
    }

    /// While logs are loaded, what is known of the others stands in the files only.
    private void writeCheckpoints() throws IOException {
        CompletableFuture<Void> load = loading;
        boolean isWhole = load == null || (load.isDone() && !load.isCompletedExceptionally());
        if (isWhole) checkpoints.write(logs.values(), unopened.keySet());
    }

    private void markCleanStop() {
        try {
            writeCheckpoints();
            compactionMark.unmark();
            cleanStop.mark();
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private void unlock() {
        isUnlocked = true;
        try {
            lock.close();
        } catch (IOException failure) {
            LOG.warn("The lock of {} is given back when the process ends: {}", options.path, failure.toString());
        }
    }

    private final class Host implements LogHost {
        @Override
        public boolean isOnline() {
            return health.isOnline();
        }

        @Override
        public void onFailure(IOException cause) {
            health.onFailure(cause);
        }

        @Override
        public void onAppend(PartitionLog log, int bytes) {
            writeBack.onAppend(log, bytes);
        }

        @Override
        public void onCheckpointChange() {
            writeBack.onCheckpointChange();
        }

        @Override
        public boolean isRecoveryPointAhead(PartitionLog log) {
            return checkpoints.isRecoveryPointAhead(log);
        }

        @Override
        public void lowerRecoveryPoint(PartitionLog log) throws IOException {
            checkpoints.lowerRecoveryPoint(log, logs.values());
        }

        @Override
        public void raiseRecoveryPoint(PartitionLog log) throws IOException {
            checkpoints.raiseRecoveryPoint(log, logs.values());
        }

        @Override
        public CompletableFuture<Long> force(PartitionLog log) {
            return groupCommit.force(log);
        }

        @Override
        public long wallMs() {
            return timers.clock().wallMs();
        }

        @Override
        public void run(Work work) {
            blocking.execute(() -> doNow(work));
        }

        @Override
        public void runAfter(long delayMs, Work work) {
            timers.runAfter(delayMs, () -> run(work));
        }

        private void doNow(Work work) {
            if (isUnlocked) return;
            try {
                work.run();
            } catch (IOException failure) {
                health.onFailure(failure);
            }
        }
    }

    private final class Healing implements DirectoryHealth.Owner {
        @Override
        public void onOffline(IOException cause) {
            failureMark.mark();
            listener.onOffline(LogDirectory.this, cause);
        }

        @Override
        public void heal() throws IOException {
            for (PartitionLog log : logs.values()) log.heal();
            deletions.retry();
            CompletableFuture<Void> load = loading;
            if (load != null && load.isDone() && unopened.isEmpty()) failureMark.unmark();
        }

        @Override
        public void onOnline() {
            writeBack.resume();
            listener.onOnline(LogDirectory.this);
        }
    }
}
