package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.TopicPartition;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Up to where each log of a directory was compacted: in memory at once, in `cleaner-offset-checkpoint` with the next
/// [#write]. A log is named there from before its first segment is replaced until it is deleted. Any thread: the
/// monitor guards the offsets, and is never held while the disk works.
public final class CleanedOffsets {
    private final OffsetCheckpointFile file;
    private final Object writing = new Object();
    private final Map<TopicPartition, Long> offsets = new HashMap<>();

    public CleanedOffsets(OffsetCheckpointFile file) {
        this.file = file;
    }

    /// Takes what the file says. Blocks.
    ///
    /// @return the logs that were compacted at some time
    /// @throws IOException if it cannot be read or is damaged: compaction begins anew then
    public Set<TopicPartition> read() throws IOException {
        Map<TopicPartition, Long> found = file.read();
        synchronized (this) {
            offsets.putAll(found);
        }
        return found.keySet();
    }

    /// Empty if the log never was.
    public synchronized Optional<Long> of(TopicPartition partition) {
        return Optional.ofNullable(offsets.get(partition));
    }

    public synchronized void put(TopicPartition partition, long offset) {
        offsets.put(partition, offset);
    }

    /// The log lost all records from `offset` on: what comes there now is dirty.
    public synchronized void lower(TopicPartition partition, long offset) {
        offsets.computeIfPresent(partition, (_, before) -> Math.min(before, offset));
    }

    /// The log is deleted: one of the same name that is made later has nothing of it.
    public synchronized void forget(TopicPartition partition) {
        offsets.remove(partition);
    }

    /// Forgets all but these.
    public synchronized void retain(Collection<TopicPartition> partitions) {
        offsets.keySet().retainAll(partitions);
    }

    /// Writes the file unless it says the same. Blocks.
    public void write() throws IOException {
        synchronized (writing) {
            Map<TopicPartition, Long> now; // Taken in here: what was written last is what came last.
            synchronized (this) {
                now = Map.copyOf(offsets);
            }
            file.write(now);
        }
    }
}
