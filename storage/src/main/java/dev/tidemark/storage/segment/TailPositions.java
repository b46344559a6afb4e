package dev.tidemark.storage.segment;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where the newest batches of an active segment lie, one entry for each, so that readers near the end of the log need
/// no search on the disk. Runs of entries, each at most as long as [#RUN_MAX]; only the newest two are kept. A log that
/// is hardly written has short ones.
///
/// The writer adds; readers look at an immutable [View].
public final class TailPositions {
    private static final int RUN_MIN = 8;
    private static final int RUN_MAX = 256;

    /// Entries that never change once they are counted by a published view.
    ///
    /// @param fromOffset offsets from here on are in this run or behind
    /// @param entries    last offset, relative to the segment (upper half), and position of its batch (lower half)
    /// @param older      null for the older of the two
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Run(
            long fromOffset, long[] entries, @Nullable Run older) {
        Run withoutOlder() {
            return older == null ? this : new Run(fromOffset, entries, null);
        }
    }

    /// What a reader sees.
    public static final class View {
        /// Nothing is known.
        public static final int UNKNOWN = -1;

        private final long baseOffset;
        private final @Nullable Run run;
        private final int count;
        private final int endPosition;

        private View(long baseOffset, @Nullable Run run, int count, int endPosition) {
            this.baseOffset = baseOffset;
            this.run = run;
            this.count = count;
            this.endPosition = endPosition;
        }

        /// Where the segment ended then.
        public int endPosition() {
            return endPosition;
        }

        /// The position of the first batch whose last offset is at least `offset`; the end position if there is none;
        /// [#UNKNOWN] if the batch is older than what is kept.
        public int positionOf(long offset) {
            if (run == null) return UNKNOWN;
            if (offset >= run.fromOffset) {
                int found = ceiling(run.entries, count, offset - baseOffset);
                return found < count ? (int) run.entries[found] : endPosition;
            }
            Run older = run.older;
            if (older == null || offset < older.fromOffset) return UNKNOWN;
            int found = ceiling(older.entries, older.entries.length, offset - baseOffset);
            if (found < older.entries.length) return (int) older.entries[found];
            return count > 0 ? (int) run.entries[0] : endPosition;
        }

        /// The size of the batch that [#positionOf] found.
        public int sizeOf(long offset) {
            int position = positionOf(offset);
            Run current = Objects.requireNonNull(run);
            if (offset >= current.fromOffset) return sizeOf(current.entries, count, position, endPosition);
            Run older = Objects.requireNonNull(current.older);
            int behind = count > 0 ? (int) current.entries[0] : endPosition;
            if (position == behind) return sizeOf(current.entries, count, position, endPosition);
            return sizeOf(older.entries, older.entries.length, position, behind);
        }

        private static int sizeOf(long[] entries, int count, int position, int behind) {
            int at = floorPosition(entries, count, position);
            return (at + 1 < count ? (int) entries[at + 1] : behind) - position;
        }

        /// The largest known start of a batch, or the end position, that is at most `position`; [#UNKNOWN] if all known
        /// ones are larger.
        public int boundaryAtOrBefore(int position) {
            if (position >= endPosition) return endPosition;
            if (run == null) return UNKNOWN;
            int found = floorPosition(run.entries, count, position);
            if (found >= 0) return (int) run.entries[found];
            Run older = run.older;
            if (older == null) return UNKNOWN;
            found = floorPosition(older.entries, older.entries.length, position);
            return found >= 0 ? (int) older.entries[found] : UNKNOWN;
        }

        private static int ceiling(long[] entries, int count, long relativeOffset) {
            int low = 0;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (entries[middle] >>> 32 >= relativeOffset) high = middle;
                else low = middle + 1;
            }
            return low;
        }

        private static int floorPosition(long[] entries, int count, int position) {
            int low = -1;
            int high = count;
            while (high - low > 1) {
                int middle = (low + high) >>> 1;
                if ((int) entries[middle] <= position) low = middle;
                else high = middle;
            }
            return low;
        }
    }

    private final long baseOffset;
    private @Nullable Run run;
    private int count;

    public TailPositions(long baseOffset) {
        this.baseOffset = baseOffset;
    }

    /// Writer.
    ///
    /// @param fromOffset the log end offset before this batch
    public void add(long fromOffset, long lastOffset, int position) {
        Run current = run;
        if (current == null) {
            current = new Run(fromOffset, new long[RUN_MIN], null);
            count = 0;
        } else if (count == current.entries.length) {
            int capacity = Math.min(RUN_MAX, 2 * current.entries.length);
            current = new Run(fromOffset, new long[capacity], current.withoutOlder());
            count = 0;
        }
        current.entries[count++] = (lastOffset - baseOffset) << 32 | position;
        run = current;
    }

    /// Writer. After a truncation, or for a log that rests.
    public void forget() {
        run = null;
        count = 0;
    }

    /// Writer.
    public View view(int endPosition) {
        return new View(baseOffset, run, count, endPosition);
    }
}
