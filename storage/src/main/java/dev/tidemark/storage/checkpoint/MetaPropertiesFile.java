package dev.tidemark.storage.checkpoint;

import dev.tidemark.base.disk.Disk;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/// `meta.properties`: whose log directory this is. Writes version 1; reads version 0 (ZooKeeper-mode Kafka) too.
public final class MetaPropertiesFile {
    public static final String NAME = "meta.properties";

    /// Values as they stand in the file; empty where they are missing.
    public record Content(Optional<String> clusterId, Optional<String> nodeId, Optional<String> directoryId) {}

    private MetaPropertiesFile() {}

    /// Empty where there is no file.
    public static Optional<Content> read(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) return Optional.empty();
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(disk.readAll(file), StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException malformed) {
            throw new IOException(file + " is not a properties file", malformed);
        }
        Optional<String> node = value(properties, "node.id").or(() -> value(properties, "broker.id"));
        return Optional.of(new Content(value(properties, "cluster.id"), node, value(properties, "directory.id")));
    }

    private static Optional<String> value(Properties properties, String key) {
        return Optional.ofNullable(properties.getProperty(key));
    }

    public static void write(Disk disk, Path file, String clusterId, int nodeId, String directoryId)
            throws IOException {
        String content =
                "version=1\ncluster.id=" + clusterId + "\nnode.id=" + nodeId + "\ndirectory.id=" + directoryId + "\n";
        disk.replaceAtomically(file, ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
    }
}
