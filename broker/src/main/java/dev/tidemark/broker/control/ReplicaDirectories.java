package dev.tidemark.broker.control;

import dev.tidemark.storage.directory.LogDirectory;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// This broker's log directories, which are open by the time that replicas are. From any thread.
public interface ReplicaDirectories {
    List<LogDirectory> all();

    /// Whether it shall get no new replicas while there are others (`cordoned.log.dirs`).
    default boolean isCordoned(LogDirectory directory) {
        return false;
    }

    /// Where a new replica goes: of those that work, the one with the fewest. Cordoned ones come last; the controller
    /// knows nothing of them, and a replica that was given to this broker must lie somewhere.
    default Optional<LogDirectory> forNewReplica() {
        return all().stream()
                .filter(LogDirectory::isOnline)
                .min(Comparator.comparing(this::isCordoned)
                        .thenComparingInt(directory -> directory.logs().size()));
    }
}
