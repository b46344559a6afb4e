package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.log.LogForcing;
import dev.tidemark.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Forces many logs by forcing their whole file system, where the system can: one commit of its journal, or two where a
/// leader epoch is new, instead of several for each log. On the disk's executor.
final class ForceTogether {
    /// For fewer logs than that the other files of the file system are not worth it.
    static final int LOGS_MIN = 16;

    private final Disk disk;
    private final Path directory;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean isPossible = true;

    ForceTogether(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /// Whether it is worth trying for so many logs.
    boolean suits(int logs) {
        return logs >= LOGS_MIN && isPossible;
    }

    /// One at a time: each holds many logs' turns at once, in any order, and two would wait for each other for ever.
    ///
    /// @return false where it is not possible here; nothing was forced then
    /// @throws IOException if the disk failed: no log's recovery point has moved
    boolean force(Collection<PartitionLog> logs) throws IOException {
        turn.lock();
        try {
            return forceInTurn(new LinkedHashSet<>(logs));
        } finally {
            turn.unlock();
        }
    }

    private boolean forceInTurn(Set<PartitionLog> logs) throws IOException {
        Map<PartitionLog, LogForcing.Part> parts = LinkedHashMap.newLinkedHashMap(logs.size());
        try {
            for (PartitionLog log : logs) begin(log, parts);
            if (!disk.forceAll(directory)) {
                isPossible = false;
                return false;
            }
            if (replaceEpochs(parts)) disk.forceAll(directory);
            parts.values().forEach(LogForcing.Part::finish);
            return true;
        } catch (IOException failure) {
            parts.values().forEach(LogForcing.Part::fail);
            throw failure;
        } finally {
            parts.values().forEach(LogForcing.Part::end);
        }
    }

    /// A log whose topic was deleted in between, and its folder renamed, says nothing of the disk.
    private static void begin(PartitionLog log, Map<PartitionLog, LogForcing.Part> parts) throws IOException {
        if (log.isClosed()) return;
        try {
            log.forcing().begin().ifPresent(part -> parts.put(log, part));
        } catch (IOException failure) {
            if (!log.isClosed()) throw failure;
        }
    }

    private static boolean replaceEpochs(Map<PartitionLog, LogForcing.Part> parts) throws IOException {
        boolean renamed = false;
        for (var each : parts.entrySet()) {
            try {
                renamed |= each.getValue().replaceEpochs();
            } catch (IOException failure) {
                if (!each.getKey().isClosed()) throw failure;
            }
        }
        return renamed;
    }
}
