package dev.tidemark.storage.log;

import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.RecordCursor;
import dev.tidemark.storage.index.TimeIndex;
import dev.tidemark.storage.segment.BatchCursor;
import dev.tidemark.storage.segment.LogSegment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds records by their time: segments by their largest timestamp, batches by the time index and their headers,
/// records by looking into one batch. Blocks on the disk.
final class TimestampSearch {
    private static final long UNPACKED_BYTES_MAX = 64L << 20;

    private final LogSnapshot log;

    TimestampSearch(LogSnapshot log) {
        this.log = log;
    }

    Optional<TimestampAndOffset> firstAtOrAfter(long timestampMs) throws IOException {
        List<LogSegment> segments = log.segments();
        for (int i = 0; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            boolean isLast = i == segments.size() - 1;
            if (!isLast && segments.get(i + 1).baseOffset() <= log.logStartOffset()) continue;
            if (segment.isEmpty() || segment.largest().timestampMs() < timestampMs) continue;
            TimestampAndOffset found = search(i, segment, timestampMs);
            if (found != null) return Optional.of(found);
        }
        return Optional.empty();
    }

    private @Nullable TimestampAndOffset search(int index, LogSegment segment, long timestampMs) throws IOException {
        // All records up to the entry's offset are older.
        long from = segment.indexes().times().floor(timestampMs - 1).offset();
        BatchCursor cursor = log.batchesFrom(index, Math.max(from, log.logStartOffset()));
        while (cursor.next()) {
            BatchHeader batch = cursor.header();
            if (batch.maxTimestamp() < timestampMs || batch.lastOffset() < log.logStartOffset()) continue;
            TimestampAndOffset found = searchIn(cursor.whole(), timestampMs);
            if (found != null) return found;
        }
        return null;
    }

    Optional<TimestampAndOffset> ofLargest() throws IOException {
        TimeIndex.Entry largest = new TimeIndex.Entry(-1, -1);
        int in = -1;
        List<LogSegment> segments = log.segments();
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i).isEmpty()) continue;
            TimeIndex.Entry entry = segments.get(i).largest();
            if (entry.timestampMs() > largest.timestampMs()) {
                largest = entry;
                in = i;
            }
        }
        if (in < 0) return Optional.empty();
        BatchCursor cursor = log.batchesFrom(in, largest.offset());
        while (cursor.next()) {
            if (cursor.header().lastOffset() < largest.offset()) continue;
            return Optional.ofNullable(searchIn(cursor.whole(), largest.timestampMs()));
        }
        return Optional.empty();
    }

    private @Nullable TimestampAndOffset searchIn(BatchHeader batch, long timestampMs) throws IOException {
        try (RecordCursor records = new RecordCursor(batch, UNPACKED_BYTES_MAX)) {
            while (records.next()) {
                if (records.timestamp() >= timestampMs && records.offset() >= log.logStartOffset()) {
                    return new TimestampAndOffset(records.timestamp(), records.offset(), batch.leaderEpoch());
                }
            }
            return null;
        } catch (MalformedException unreadable) {
            // A producer's compressed records are not looked at on their way in. Who seeks by time finds such a batch
            // as a whole: its first offset is not too late.
            return new TimestampAndOffset(
                    batch.maxTimestamp(), Math.max(batch.baseOffset(), log.logStartOffset()), batch.leaderEpoch());
        }
    }
}
