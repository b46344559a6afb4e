package dev.tidemark.storage.segment;

import dev.tidemark.base.disk.Disk;
import java.nio.file.Path;

/// Where a partition's files lie. The folder is renamed when the partition is deleted; whoever opens a file asks for
/// the path at that moment. Any thread.
public final class PartitionFolder {
    private final OpenFiles openFiles;
    private volatile Path path;

    public PartitionFolder(OpenFiles openFiles, Path path) {
        this.openFiles = openFiles;
        this.path = path;
    }

    public Path path() {
        return path;
    }

    public Disk disk() {
        return openFiles.disk();
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    /// After the folder was renamed on the disk.
    public void movedTo(Path newPath) {
        path = newPath;
    }
}
