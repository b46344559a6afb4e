package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that says that compaction has left no gap behind the recovery points on the disk. Apache Kafka compacts
/// beyond them: in a folder that it left by a crash a gap may be compaction's anywhere. So the mark is made where
/// nothing lies behind the recovery points, in an empty folder and after a clean stop, and goes with the next clean
/// stop: whoever has the folder then may be Kafka.
final class CompactionMark {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionMark.class);
    private static final String NAME = ".compaction_checkpointed";

    private final MarkFile file;

    CompactionMark(Disk disk, Path directory) {
        this.file = new MarkFile(disk, directory, NAME);
    }

    /// Whether an earlier process has left it.
    boolean wasMarked() {
        return file.wasThere();
    }

    /// It lasts when the directory is forced next. Without it a recovery only looks less closely.
    void mark() {
        try {
            file.make();
        } catch (IOException failure) {
            LOG.warn("{} cannot be made: {}", file, failure.toString());
        }
    }

    void unmark() throws IOException {
        file.remove();
    }
}
