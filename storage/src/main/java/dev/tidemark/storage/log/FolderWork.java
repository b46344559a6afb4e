package dev.tidemark.storage.log;

import java.io.IOException;

/// Work on a log's files on the disk's executor. The log's folder may be renamed and deleted meanwhile: work that fails
/// then says nothing of the disk. Any thread.
final class FolderWork {
    private final LogHost host;
    private volatile boolean isDeleted;

    FolderWork(LogHost host) {
        this.host = host;
    }

    void run(LogHost.Work work) {
        host.run(unlessDeleted(work));
    }

    void runAfter(long delayMs, LogHost.Work work) {
        host.runAfter(delayMs, unlessDeleted(work));
    }

    private LogHost.Work unlessDeleted(LogHost.Work work) {
        return () -> {
            if (isDeleted) return;
            try {
                work.run();
            } catch (IOException failure) {
                if (!isDeleted) throw failure;
            }
        };
    }

    /// The folder is about to go.
    void onDelete() {
        isDeleted = true;
    }

    boolean isDeleted() {
        return isDeleted;
    }
}
