package dev.tidemark.broker.core;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.storage.checkpoint.MetaPropertiesFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whose the log directories are, as their meta.properties tell before they are opened.
///
/// @param clusterId empty where all folders are new
/// @param nodeId empty where all folders are new
public record ClusterIdentity(Optional<String> clusterId, Optional<Integer> nodeId) {
    private static final int FIRST_NODE_ID = 1;

    /// @throws IOException where a file cannot be read, or two folders belong to different clusters or nodes; the
    ///     text is for the operator
    public static ClusterIdentity of(List<Path> logDirs, Disk disk) throws IOException {
        Optional<String> clusterId = Optional.empty();
        Optional<String> nodeId = Optional.empty();
        for (Path dir : logDirs) {
            Optional<MetaPropertiesFile.Content> content = read(dir, disk);
            if (content.isEmpty()) continue;
            clusterId = merge("cluster.id", dir, clusterId, content.get().clusterId());
            nodeId = merge("node.id", dir, nodeId, content.get().nodeId());
        }
        return new ClusterIdentity(clusterId, nodeId.isEmpty() ? Optional.empty() : Optional.of(number(nodeId.get())));
    }

    private static int number(String nodeId) throws IOException {
        try {
            return Integer.parseInt(nodeId);
        } catch (NumberFormatException notOne) {
            throw new IOException(
                    MetaPropertiesFile.NAME + " in log.dirs has node.id=" + nodeId + ", which is not a number", notOne);
        }
    }

    private static Optional<MetaPropertiesFile.Content> read(Path dir, Disk disk) throws IOException {
        Path file = dir.resolve(MetaPropertiesFile.NAME);
        try {
            return MetaPropertiesFile.read(disk, file);
        } catch (IOException unreadable) {
            throw new IOException("Cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static Optional<String> merge(String key, Path dir, Optional<String> known, Optional<String> found)
            throws IOException {
        if (known.isPresent() && found.isPresent() && !known.equals(found)) {
            throw new IOException("The log directories do not belong together: " + dir + " has " + key + "="
                    + found.get() + ", the ones before it " + known.get() + ". Check log.dirs.");
        }
        return known.isPresent() ? known : found;
    }

    /// The id to run under: as configured, else the folders' own, else 1.
    public int nodeIdOr(Optional<Integer> configured) {
        return configured.or(() -> nodeId).orElse(FIRST_NODE_ID);
    }
}
