package dev.tidemark.storage.cleaner;

import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.log.LogConfig;
import dev.tidemark.storage.log.LogSnapshot;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;

/// Which part of a log is to be cleaned next, and how much that is worth.
///
/// @param fromOffset the first record that was not cleaned yet
/// @param toOffset   records from here on stay as they are
/// @param cleanBytes of the segments below `fromOffset`
/// @param dirtyBytes of the segments from `fromOffset` to `toOffset`
/// @param isOverdue  a record in there is older than `max.compaction.lag.ms`
record CleanableRange(long fromOffset, long toOffset, long cleanBytes, long dirtyBytes, boolean isOverdue) {
    /// @param cleanedTo up to where the log was cleaned before, as the checkpoint says; -1 for never
    static CleanableRange of(CleanableLog log, long cleanedTo, long wallMs) throws IOException {
        LogConfig config = log.config();
        LogSnapshot now = log.snapshot();
        List<LogSegment> segments = now.segments();
        long start = now.logStartOffset();
        long from = cleanedTo < start || cleanedTo > now.logEndOffset() ? start : cleanedTo;
        long to = Math.min(log.firstUncleanableOffset(), segments.getLast().baseOffset());
        long cleanBytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        for (int i = 0; i < segments.size() - 1; i++) {
            LogSegment segment = segments.get(i);
            long next = segments.get(i + 1).baseOffset();
            if (next <= from) {
                cleanBytes += segment.sizeInBytes();
                continue;
            }
            if (segment.baseOffset() >= to) break;
            if (isTooYoung(segment, config.minCompactionLagMs(), wallMs)) {
                to = Math.min(to, segment.baseOffset());
                break;
            }
            dirtyBytes += segment.sizeInBytes();
            overdue |= isOverdue(segment, config.maxCompactionLagMs(), wallMs);
        }
        return new CleanableRange(from, Math.max(from, to), cleanBytes, dirtyBytes, overdue);
    }

    private static boolean isTooYoung(LogSegment segment, long lagMs, long wallMs) throws IOException {
        return lagMs > 0 && segment.largest().timestampMs() > wallMs - lagMs;
    }

    private static boolean isOverdue(LogSegment segment, long lagMs, long wallMs) throws IOException {
        if (lagMs == Long.MAX_VALUE || segment.isEmpty()) return false;
        BatchCursor cursor = BatchCursor.ofHeaders(segment.log(), 0, segment.sizeInBytes());
        if (!cursor.next()) return false;
        BatchHeader first = cursor.header();
        long timestampMs =
                first.hasDeleteHorizon() || first.baseTimestamp() < 0 ? first.maxTimestamp() : first.baseTimestamp();
        return timestampMs >= 0 && wallMs - timestampMs > lagMs;
    }

    boolean isEmpty() {
        return fromOffset >= toOffset || dirtyBytes == 0;
    }

    double dirtyRatio() {
        long all = cleanBytes + dirtyBytes;
        return all == 0 ? 0 : (double) dirtyBytes / all;
    }

    boolean isWorthIt(LogConfig config) {
        return !isEmpty() && (isOverdue || dirtyRatio() > config.minCleanableDirtyRatio());
    }
}
