package dev.tidemark.storage.log;

import dev.tidemark.base.Check;
import dev.tidemark.storage.segment.FileNames;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cleaned segment whose files say `.swap`: a restart would put it in the place of those it was made from.
///
/// Where the log is truncated before it has taken the cleaned segment, this would bring back what was cut, in the place
/// of what came since: so the truncation takes the mark away before anything is appended. Once the log has taken it,
/// there is no way back: the files follow. Where the disk fails in the midst, readers are served from them under
/// whatever names they have, and the rest is done before the disk is used again.
///
/// Owner: the monitor, held for renaming a segment's files. The cleaner announces; the log's writer takes or withdraws;
/// who heals the directory finishes.
final class AnnouncedReplacement {
    private final LogForcing forcing;
    private final SegmentRemoval removal;
    private @Nullable LogSegment announced;
    private boolean isTaken;
    /// Those whose place was taken, and whose files do not say so yet.
    private List<LogSegment> replaced = List.of();

    AnnouncedReplacement(LogForcing forcing, SegmentRemoval removal) {
        this.forcing = forcing;
        this.removal = removal;
    }

    /// A truncation is counted before it withdraws: it is seen here, or sees what was announced.
    synchronized boolean announce(LogSegment cleaned, long truncationsBefore) throws IOException {
        if (forcing.truncations() != truncationsBefore) return false;
        announced = cleaned; // Before its first file has the mark, which may be as far as the disk lets it come.
        cleaned.mark(FileNames.SWAP);
        return true;
    }

    /// The log has the announced segment in the place of `old`.
    synchronized void take(List<LogSegment> old) throws IOException {
        Check.that(announced != null, "nothing was announced");
        isTaken = true;
        replaced = old;
        finish();
    }

    /// Does to the files what is left to do of a replacement that was taken.
    synchronized void finish() throws IOException {
        LogSegment cleaned = announced;
        if (cleaned == null || !isTaken) return;
        if (!replaced.isEmpty()) removal.retire(replaced);
        replaced = List.of();
        cleaned.mark("");
        announced = null;
        isTaken = false;
    }

    /// Before files of the log go: takes back what was announced, or finishes what was taken. At no moment an index
    /// has its mark that a restart would take for that of the segment which stays.
    synchronized void settle() throws IOException {
        finish();
        LogSegment cleaned = announced;
        if (cleaned == null) return;
        cleaned.mark(FileNames.CLEANED);
        cleaned.delete();
        announced = null;
    }
}
