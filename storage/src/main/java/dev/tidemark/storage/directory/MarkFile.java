package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import java.io.IOException;
import java.nio.file.Path;

/// An empty file in a log directory which says something to the next process by being there. Nothing is forced.
final class MarkFile {
    private final Disk disk;
    private final Path path;
    private final boolean wasThere;

    MarkFile(Disk disk, Path directory, String name) {
        this.disk = disk;
        this.path = directory.resolve(name);
        this.wasThere = disk.exists(path);
    }

    /// Whether an earlier process has left it.
    boolean wasThere() {
        return wasThere;
    }

    void make() throws IOException {
        disk.open(path, Access.READ_WRITE).close();
    }

    void remove() throws IOException {
        if (disk.exists(path)) disk.delete(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
