package dev.tidemark.storage.directory;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.log.LoadedLog;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.recovery.LogLoader;
import dev.tidemark.storage.segment.OpenFiles;
import dev.tidemark.storage.segment.PartitionFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens all logs of a directory, several at once: each of a few tasks takes the next folder until none is left.
final class DirectoryLoader {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLoader.class);
    private static final int BUFFER_BYTES = 1 << 20;

    private final Disk disk;
    private final Path directory;
    private final OpenFiles openFiles;
    private final DirectoryCheckpoints.Found checkpoints;
    private final boolean isClean;
    private final boolean isCompactionCheckpointed;
    private final long wallMs;

    DirectoryLoader(
            Disk disk,
            Path directory,
            OpenFiles openFiles,
            DirectoryCheckpoints checkpoints,
            boolean isClean,
            boolean isCompactionCheckpointed,
            long wallMs) {
        this.disk = disk;
        this.directory = directory;
        this.openFiles = openFiles;
        this.checkpoints = checkpoints.read();
        this.isClean = isClean;
        this.isCompactionCheckpointed = isCompactionCheckpointed;
        this.wallMs = wallMs;
    }

    /// The folders in the directory that matter.
    record Folders(List<TopicPartition> partitions, List<Path> deleted) {}

    Folders find() throws IOException {
        List<TopicPartition> partitions = new ArrayList<>();
        List<Path> deleted = new ArrayList<>();
        for (String name : disk.list(directory)) {
            Optional<TopicPartition> partition = FolderNames.parse(name);
            if (partition.isPresent() && !FolderNames.isForeign(name)) partitions.add(partition.get());
            else if (name.endsWith(FolderNames.DELETE)) deleted.add(directory.resolve(name));
            else if (FolderNames.isForeign(name)) LOG.warn("{} is left alone", directory.resolve(name));
        }
        return new Folders(partitions, deleted);
    }

    /// Takes each log as it is ready, on the thread that opened it.
    interface Results {
        void onOpened(LoadedLog loaded, LogConfig config);

        void onFailed(TopicPartition partition, IOException cause);
    }

    CompletableFuture<Void> load(
            List<TopicPartition> partitions,
            Function<String, LogConfig> configOf,
            Results results,
            Executor blocking,
            int tasks) {
        AtomicInteger next = new AtomicInteger();
        CompletableFuture<?>[] all = new CompletableFuture<?>[Math.max(1, Math.min(tasks, partitions.size()))];
        for (int i = 0; i < all.length; i++) {
            all[i] = CompletableFuture.runAsync(
                    () -> {
                        Supplier<ByteBuffer> buffer = new LazyBuffer();
                        for (int at = next.getAndIncrement(); at < partitions.size(); at = next.getAndIncrement()) {
                            TopicPartition partition = partitions.get(at);
                            load(partition, configOf.apply(partition.topic()), buffer, results);
                        }
                    },
                    blocking);
        }
        return CompletableFuture.allOf(all);
    }

    /// Where a folder cannot be opened the others go on without it.
    private void load(TopicPartition partition, LogConfig config, Supplier<ByteBuffer> buffer, Results results) {
        PartitionFolder folder = new PartitionFolder(openFiles, directory.resolve(FolderNames.of(partition)));
        boolean isTold = checkpoints.recoveryPoints().containsKey(partition);
        boolean mayBeCompacted = checkpoints.mayBeCompacted(partition);
        LogLoader.Checkpointed checkpointed = new LogLoader.Checkpointed(
                isClean && isTold,
                // The recovery point of a log that is younger than the checkpoints lies at its begin.
                isCompactionCheckpointed && (isTold || !mayBeCompacted),
                offset(checkpoints.recoveryPoints(), partition),
                offset(checkpoints.logStartOffsets(), partition),
                offset(checkpoints.highWatermarks(), partition),
                mayBeCompacted);
        try {
            results.onOpened(new LogLoader(folder, partition, config, checkpointed, buffer, wallMs).load(), config);
        } catch (IOException failure) {
            LOG.error("{} cannot be opened and is offline", folder.path(), failure);
            results.onFailed(partition, failure);
        }
    }

    private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
        return Math.max(0, offsets.getOrDefault(partition, 0L));
    }

    /// One for all logs that a task recovers.
    private static final class LazyBuffer implements Supplier<ByteBuffer> {
        private @Nullable ByteBuffer buffer;

        @Override
        public ByteBuffer get() {
            ByteBuffer made = buffer;
            if (made == null) {
                made = ByteBuffer.allocateDirect(BUFFER_BYTES);
                buffer = made;
            }
            return made;
        }
    }
}
