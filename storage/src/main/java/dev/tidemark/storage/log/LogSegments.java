package dev.tidemark.storage.log;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.storage.segment.LogSegment;
import dev.tidemark.storage.segment.TailPositions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// A log's segments in order, the last of which is the active one. A change makes a new array: [LogSnapshot]s hold the
/// old ones. Touches no file. Owner: the log's writer.
final class LogSegments {
    private LogSegment[] all;
    private LogSegment active;
    private TailPositions tail;

    LogSegments(List<LogSegment> loaded) {
        all = loaded.toArray(LogSegment[]::new);
        active = all[all.length - 1];
        tail = new TailPositions(active.baseOffset());
    }

    LogSegment active() {
        return active;
    }

    LogSegment first() {
        return all[0];
    }

    List<LogSegment> all() {
        return List.of(all);
    }

    LogSnapshot snapshot(
            long logStartOffset, long logEndOffset, long firstUnstableOffset, Supplier<LogSnapshot> newest) {
        return new LogSnapshot(
                all, logStartOffset, logEndOffset, firstUnstableOffset, tail.view(active.sizeInBytes()), newest);
    }

    /// Counts a batch that was written at the end.
    void add(BatchHeader batch, long logEndOffset, int indexIntervalBytes) throws IOException {
        tail.add(logEndOffset, batch.lastOffset(), active.sizeInBytes());
        active.add(batch, indexIntervalBytes);
    }

    /// Makes `next` the active one: behind the one before, or in its place if that is empty.
    void begin(LogSegment next) {
        LogSegment[] after = Arrays.copyOf(all, active.isEmpty() ? all.length : all.length + 1);
        after[after.length - 1] = next;
        become(after);
    }

    /// Takes the segments away that lie wholly below `offset`, but not the active one.
    List<LogSegment> removeBelow(long offset) {
        int gone = 0;
        while (gone < all.length - 1 && all[gone + 1].baseOffset() <= offset) gone++;
        List<LogSegment> removed = List.of(Arrays.copyOf(all, gone));
        if (gone > 0) all = Arrays.copyOfRange(all, gone, all.length);
        return removed;
    }

    /// What the segments are with `cleaned` in the place of `old`, which must not be the active one; for [#become].
    LogSegment[] replacing(List<LogSegment> old, LogSegment cleaned) {
        int first = Arrays.asList(all).indexOf(old.getFirst());
        int behind = first + old.size();
        Check.that(first >= 0 && behind < all.length, "the segments to replace are not the log's");
        LogSegment[] after = new LogSegment[all.length - old.size() + 1];
        System.arraycopy(all, 0, after, 0, first);
        after[first] = cleaned;
        System.arraycopy(all, behind, after, first + 1, all.length - behind);
        return after;
    }

    /// With the active one still active, nothing is forgotten of where its batches lie.
    void become(LogSegment[] segments) {
        all = segments;
        LogSegment last = segments[segments.length - 1];
        if (last.equals(active)) return;
        active = last;
        tail = new TailPositions(last.baseOffset());
    }

    /// The last segment that begins before `offset`.
    LogSegment lastBefore(long offset) {
        int last = all.length - 1;
        while (all[last].baseOffset() >= offset) last--;
        return all[last];
    }

    /// Makes `last` the active one, without some of its batches.
    ///
    /// @return those behind it
    List<LogSegment> cutBehind(LogSegment last) {
        int kept = Arrays.asList(all).indexOf(last) + 1;
        List<LogSegment> removed = List.of(all).subList(kept, all.length);
        all = Arrays.copyOf(all, kept);
        active = last;
        tail = new TailPositions(last.baseOffset());
        return removed;
    }

    /// Makes `fresh` the only one.
    ///
    /// @return all that were there
    List<LogSegment> restart(LogSegment fresh) {
        List<LogSegment> removed = List.of(all);
        become(new LogSegment[] {fresh});
        return removed;
    }
}
