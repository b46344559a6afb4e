package dev.tidemark.storage.epoch;

import dev.tidemark.storage.log.EpochEndOffset;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Which leader epoch begins at which offset; epochs and offsets both rise. Immutable: each change gives a new value,
/// or the same one where nothing changed, which the log publishes to its readers.
public final class LeaderEpochs {
    public static final LeaderEpochs NONE = new LeaderEpochs(List.of());

    private final List<EpochEntry> entries;

    private LeaderEpochs(List<EpochEntry> entries) {
        this.entries = entries;
    }

    /// Entries that do not rise are dropped in favour of later ones.
    public static LeaderEpochs of(List<EpochEntry> entries) {
        LeaderEpochs epochs = NONE;
        for (EpochEntry entry : entries) epochs = epochs.withStart(entry.epoch(), entry.startOffset());
        return epochs;
    }

    public List<EpochEntry> entries() {
        return entries;
    }

    public OptionalInt latest() {
        return entries.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(entries.getLast().epoch());
    }

    /// Whether `epoch` is the latest one: what an append asks each time.
    public boolean isLatest(int epoch) {
        return !entries.isEmpty() && entries.getLast().epoch() == epoch;
    }

    /// `epoch` begins at `startOffset`: replaces what contradicts it, such as epochs without a record. A start that is
    /// known already stays.
    public LeaderEpochs withStart(int epoch, long startOffset) {
        if (isLatest(epoch)) return this;
        int kept = entries.size();
        while (kept > 0 && contradicts(entries.get(kept - 1), epoch, startOffset)) kept--;
        if (kept > 0 && entries.get(kept - 1).epoch() == epoch) return copyOf(kept, null);
        return copyOf(kept, new EpochEntry(epoch, startOffset));
    }

    private static boolean contradicts(EpochEntry entry, int epoch, long startOffset) {
        boolean isSame = entry.epoch() == epoch && entry.startOffset() <= startOffset;
        return !isSame && (entry.epoch() >= epoch || entry.startOffset() >= startOffset);
    }

    /// Without the epochs that begin at `endOffset` or later.
    public LeaderEpochs truncatedToEnd(long endOffset) {
        int kept = entries.size();
        while (kept > 0 && entries.get(kept - 1).startOffset() >= endOffset) kept--;
        return kept == entries.size() ? this : copyOf(kept, null);
    }

    /// Without the epochs that end at `startOffset` or before; the one that goes on there begins there.
    public LeaderEpochs truncatedToStart(long startOffset) {
        int below = 0;
        while (below < entries.size() && entries.get(below).startOffset() < startOffset) below++;
        if (below == 0) return this;
        EpochEntry first = new EpochEntry(entries.get(below - 1).epoch(), startOffset);
        boolean replaced = below < entries.size() && entries.get(below).startOffset() == startOffset;
        List<EpochEntry> rest = entries.subList(below, entries.size());
        if (replaced) return new LeaderEpochs(List.copyOf(rest));
        EpochEntry[] all = new EpochEntry[rest.size() + 1];
        all[0] = first;
        for (int i = 0; i < rest.size(); i++) all[i + 1] = rest.get(i);
        return new LeaderEpochs(List.of(all));
    }

    private LeaderEpochs copyOf(int kept, @Nullable EpochEntry more) {
        EpochEntry[] copy = entries.subList(0, kept).toArray(new EpochEntry[kept + (more == null ? 0 : 1)]);
        if (more != null) copy[kept] = more;
        return new LeaderEpochs(List.of(copy));
    }

    /// As OffsetForLeaderEpoch asks: the largest epoch that is not above `epoch`, and the offset behind its last
    /// record.
    public EpochEndOffset endOffset(int epoch, long logEndOffset) {
        if (epoch < 0 || entries.isEmpty()) return EpochEndOffset.UNDEFINED;
        if (isLatest(epoch)) return new EpochEndOffset(epoch, logEndOffset);
        int above = firstAbove(epoch);
        if (above == entries.size()) return EpochEndOffset.UNDEFINED;
        int known = above == 0 ? epoch : entries.get(above - 1).epoch();
        return new EpochEndOffset(known, entries.get(above).startOffset());
    }

    /// The epoch of the record at `offset`, -1 if it is not known.
    public int epochOf(long offset) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i).startOffset() <= offset) return entries.get(i).epoch();
        }
        return -1;
    }

    private int firstAbove(int epoch) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.get(middle).epoch() > epoch) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LeaderEpochs that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return "LeaderEpochs" + entries;
    }
}
