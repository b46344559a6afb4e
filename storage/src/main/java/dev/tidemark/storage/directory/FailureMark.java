package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that says that the disk has failed, and that not all that was in doubt then has been written again. A
/// kernel gives up the pages that it could not write: they can be read like any other, and no later force writes
/// them. The next process would find the logs whole, force nothing, and trust them; a power cut would take away what
/// it has promised.
///
/// It need not outlast the machine's power: then what can be read is what is on the disk.
final class FailureMark {
    private static final Logger LOG = LoggerFactory.getLogger(FailureMark.class);
    private static final String NAME = ".disk_failed";

    private final MarkFile file;

    FailureMark(Disk disk, Path directory) {
        this.file = new MarkFile(disk, directory, NAME);
    }

    /// Whether an earlier process has left it.
    boolean wasMarked() {
        return file.wasThere();
    }

    void mark() {
        try {
            file.make();
        } catch (IOException failure) {
            LOG.error(
                    "{} cannot be made: before the next start of this broker restart its machine: {}",
                    file,
                    failure.toString());
        }
    }

    /// All was written again.
    void unmark() throws IOException {
        file.remove();
    }
}
