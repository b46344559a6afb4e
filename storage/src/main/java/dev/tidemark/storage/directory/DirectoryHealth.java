package dev.tidemark.storage.directory;

import dev.tidemark.base.disk.Disk;
import dev.tidemark.base.disk.Disk.Access;
import dev.tidemark.base.disk.DiskFile;
import dev.tidemark.base.time.Loop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a directory's disk may be written to. The first failure takes it offline; then it is tried from time to
/// time with a file of its own, and comes back when that can be written and forced and the owner has put in order what
/// the failure left. Any thread.
final class DirectoryHealth {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryHealth.class);
    private static final String PROBE = ".probe.tmp";
    /// A disk that has just this much is full again at once.
    private static final int PROBE_BYTES = 1 << 20;

    /// What happens at the changes; both may block.
    interface Owner {
        void onOffline(IOException cause);

        /// Puts everything in order before the directory is online.
        void heal() throws IOException;

        void onOnline();
    }

    private final Disk disk;
    private final Path directory;
    private final Owner owner;
    private final Loop timers;
    private final Executor blocking;
    private final long probeMs;
    private final AtomicBoolean isOnline = new AtomicBoolean(true);
    private volatile boolean isStopped;

    DirectoryHealth(Disk disk, Path directory, Owner owner, Loop timers, Executor blocking, long probeMs) {
        this.disk = disk;
        this.directory = directory;
        this.owner = owner;
        this.timers = timers;
        this.blocking = blocking;
        this.probeMs = probeMs;
    }

    boolean isOnline() {
        return isOnline.get();
    }

    void onFailure(IOException cause) {
        if (!isOnline.compareAndSet(true, false)) return;
        LOG.error("log directory {} goes offline: {}. It is tried again every {} ms", directory, cause, probeMs);
        owner.onOffline(cause);
        probeLater();
    }

    private void probeLater() {
        if (!isStopped) timers.runAfter(probeMs, () -> blocking.execute(this::probe));
    }

    private void probe() {
        if (isStopped) return;
        try {
            writeProbe();
            owner.heal();
        } catch (IOException failure) {
            LOG.warn("log directory {} stays offline: {}", directory, failure.toString());
            probeLater();
            return;
        }
        isOnline.set(true);
        LOG.info("log directory {} is online again", directory);
        owner.onOnline();
    }

    private void writeProbe() throws IOException {
        Path file = directory.resolve(PROBE);
        try {
            try (DiskFile probe = disk.open(file, Access.READ_WRITE)) {
                probe.write(ByteBuffer.allocate(PROBE_BYTES), 0);
                probe.force();
            }
        } finally {
            disk.delete(file);
        }
    }

    void stop() {
        isStopped = true;
    }
}
