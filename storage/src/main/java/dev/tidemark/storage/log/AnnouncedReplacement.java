package dev.tidemark.storage.log;

import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A cleaned segment whose files say `.swap`: a restart would put it in the place of those it was made from. Where the
/// log is truncated before that is done, this would bring back what was cut, in the place of what came since: so the
/// truncation takes the mark away before anything is appended.
///
/// Owner: the monitor, held for renaming a segment's files. The cleaner announces; the log's writer withdraws.
final class AnnouncedReplacement {
    private final LogForcing forcing;
    private @Nullable LogSegment announced;

    AnnouncedReplacement(LogForcing forcing) {
        this.forcing = forcing;
    }

    /// A truncation is counted before it withdraws: it is seen here, or sees what was announced.
    synchronized boolean announce(LogSegment cleaned, long truncationsBefore) throws IOException {
        if (forcing.truncations() != truncationsBefore) return false;
        announced = cleaned; // Before its first file has the mark, which may be as far as the disk lets it come.
        cleaned.mark(FileNames.SWAP);
        return true;
    }

    synchronized void onDone() {
        announced = null;
    }

    /// At no moment an index has its mark that a restart would take for that of the segment which stays.
    synchronized void withdraw() throws IOException {
        LogSegment cleaned = announced;
        if (cleaned == null) return;
        cleaned.mark(FileNames.CLEANED);
        cleaned.delete();
        announced = null;
    }
}
