package dev.tidemark.storage.retention;

import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;

/// What retention says of a log at one moment.
///
/// @param deleteBelow   segments that lie wholly below this offset are to go
/// @param nextLookMs    by the wall clock: before, nothing more can become due by time; `Long.MAX_VALUE` for never;
///                      [#POLL] where the log waits for something else, its high watermark or records
record Retention(long deleteBelow, long nextLookMs) {
    static final long POLL = 0;

    /// Segments go from the oldest on, as long as each
    ///
    /// - lies wholly below the log start offset (DeleteRecords), or
    /// - has no record as young as `retention.ms`, or
    /// - can be spared although the rest has at least `retention.bytes`;
    ///
    /// time and size only where `cleanup.policy` has `delete`. Nothing at or above the high watermark goes. A time
    /// to come keeps its record's segment, and those behind it, until then.
    ///
    /// May read the disk.
    static Retention of(LogSnapshot log, LogConfig config, long highWatermark, long wallMs) throws IOException {
        List<LogSegment> segments = log.segments();
        long excessBytes =
                config.delete() && config.retentionBytes() >= 0 ? log.sizeInBytes() - config.retentionBytes() : -1;
        long deleteBelow = -1;
        for (int i = 0; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            boolean isActive = i == segments.size() - 1;
            long end = isActive ? log.logEndOffset() : segments.get(i + 1).baseOffset();
            if (end > highWatermark || (isActive && segment.isEmpty())) return new Retention(deleteBelow, POLL);
            long sizeBytes = isActive ? log.activeSize() : segment.sizeInBytes();
            boolean isBelowStart = end <= log.logStartOffset();
            boolean isSpare = excessBytes >= 0 && excessBytes - sizeBytes >= 0;
            if (!isBelowStart && !isSpare) {
                long dueMs = dueMs(segment, config);
                if (dueMs > wallMs) return new Retention(deleteBelow, dueMs);
            }
            deleteBelow = end;
            excessBytes -= sizeBytes;
        }
        return new Retention(deleteBelow, POLL);
    }

    private static long dueMs(LogSegment segment, LogConfig config) throws IOException {
        if (!config.delete() || config.retentionMs() < 0) return Long.MAX_VALUE;
        long largestMs = segment.largest().timestampMs();
        long newestMs = largestMs >= 0 ? largestMs : segment.lastModifiedMs();
        long dueMs = newestMs + config.retentionMs() + 1;
        return dueMs < newestMs ? Long.MAX_VALUE : dueMs;
    }
}
