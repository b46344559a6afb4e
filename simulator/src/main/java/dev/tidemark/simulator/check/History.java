package dev.tidemark.simulator.check;

import dev.tidemark.simulator.world.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What clients wrote and read, and what must hold between the two. Every value is written once at most by whoever
/// made it, so that a value tells where it came from.
public final class History {
    /// What became of a written value, as its producer knows.
    public enum Fate {
        /// On its way, or its producer has given up without an answer: it may be there or not.
        OPEN,
        /// Acknowledged by all in sync: it is there.
        ACKED,
        /// Acknowledged by its leader alone: it may be gone.
        ACKED_BY_LEADER
    }

    /// A written value.
    private static final class Written {
        final PartitionKey partition;
        final long session;
        final int sequence;
        Fate fate = Fate.OPEN;
        long ackedOffset = -1;
        long readOffset = -1;

        Written(PartitionKey partition, long session, int sequence) {
            this.partition = partition;
            this.session = session;
            this.sequence = sequence;
        }
    }

    /// What was seen of a partition.
    private static final class Seen {
        final List<@Nullable String> values = new ArrayList<>();
    }

    private final Findings findings;
    private final boolean lossAllowed;
    private final Map<String, Written> written = new HashMap<>();
    private final SortedMap<PartitionKey, Seen> seen = new TreeMap<>();
    private long ackedCount;
    private long readCount;

    /// @param lossAllowed what was acknowledged may vanish (an unclean election may happen); what is there at the end
    ///     must still be the same everywhere
    public History(Findings findings, boolean lossAllowed) {
        this.findings = findings;
        this.lossAllowed = lossAllowed;
    }

    /// @param session of a producer within which order and uniqueness hold; -1 where neither does
    public void onSend(PartitionKey partition, String value, long session, int sequence) {
        Written before = written.put(value, new Written(partition, session, sequence));
        if (before != null) throw new IllegalStateException(value + " is written twice");
    }

    /// @param offset -1 where the answer did not tell
    public void onAcked(String value, long offset, Fate fate) {
        Written one = written.get(value);
        if (one == null) throw new IllegalStateException(value + " was not written");
        one.fate = fate;
        one.ackedOffset = offset;
        ackedCount++;
        if (offset < 0 || fate != Fate.ACKED) return;
        String there = valueAt(one.partition, offset);
        if (there != null && !there.equals(value) && !lossAllowed) {
            findings.violated(
                    "acked-offset-true",
                    "%s of %s was acknowledged at %d, where %s was read"
                            .formatted(value, one.partition, offset, there));
        }
    }

    private @Nullable String valueAt(PartitionKey partition, long offset) {
        Seen of = seen.get(partition);
        return of == null || offset >= of.values.size() ? null : of.values.get((int) offset);
    }

    /// A reader was given this.
    public void onRead(PartitionKey partition, long offset, String value) {
        readCount++;
        Seen of = seen.computeIfAbsent(partition, _ -> new Seen());
        while (of.values.size() <= offset) of.values.add(null);
        String before = of.values.set((int) offset, value);
        if (before != null && before.equals(value)) return;
        if (before != null && !lossAllowed) {
            findings.violated(
                    "one-value-per-offset",
                    "%s has %s at %d, where %s was read before".formatted(partition, value, offset, before));
        }
        Written one = written.get(value);
        if (one == null || !one.partition.equals(partition)) {
            findings.violated(
                    "no-phantom", "%s has %s at %d, which nobody wrote to it".formatted(partition, value, offset));
            return;
        }
        onFirstRead(one, partition, offset, value);
    }

    private void onFirstRead(Written one, PartitionKey partition, long offset, String value) {
        if (one.readOffset >= 0 && one.readOffset != offset && one.session >= 0 && !lossAllowed) {
            findings.violated(
                    "no-duplicate", "%s has %s at %d and at %d".formatted(partition, value, one.readOffset, offset));
        }
        one.readOffset = offset;
        if (one.fate == Fate.ACKED && one.ackedOffset >= 0 && one.ackedOffset != offset && !lossAllowed) {
            findings.violated(
                    "acked-offset-true",
                    "%s has %s at %d, but %d was acknowledged".formatted(partition, value, offset, one.ackedOffset));
        }
    }

    /// At the end: what the partition holds, by offset from 0 on.
    public void onEnd(PartitionKey partition, List<String> values) {
        Seen of = seen.get(partition);
        if (of != null && !lossAllowed) checkReadStayed(partition, of, values);
        Map<Long, Integer> lastSequences = new HashMap<>();
        Map<String, Integer> places = new HashMap<>();
        for (int offset = 0; offset < values.size(); offset++) {
            // A power cut may take the first segments, where nothing waits for the disk.
            if (lossAllowed && values.get(offset).equals(LogReading.NOTHING)) continue;
            onRead(partition, offset, values.get(offset));
            checkOrder(partition, values.get(offset), offset, lastSequences, places);
        }
        written.forEach((value, one) -> {
            boolean isMissing = one.partition.equals(partition) && one.fate == Fate.ACKED && !places.containsKey(value);
            if (isMissing && !lossAllowed) {
                findings.violated(
                        "no-acked-write-lost",
                        "%s of %s was acknowledged at %d and is gone; the log ends at %d"
                                .formatted(value, partition, one.ackedOffset, values.size()));
            }
        });
    }

    private void checkReadStayed(PartitionKey partition, Seen of, List<String> values) {
        if (of.values.size() > values.size()) {
            findings.violated(
                    "no-read-record-lost",
                    "%s was read up to %d and ends at %d now".formatted(partition, of.values.size(), values.size()));
        }
    }

    private void checkOrder(
            PartitionKey partition,
            String value,
            int offset,
            Map<Long, Integer> lastSequences,
            Map<String, Integer> places) {
        Written one = written.get(value);
        Integer before = places.put(value, offset);
        if (one == null || one.session < 0) return;
        if (before != null) {
            findings.violated("no-duplicate", "%s has %s at %d and at %d".formatted(partition, value, before, offset));
        }
        Integer last = lastSequences.put(one.session, one.sequence);
        if (last != null && last >= one.sequence) {
            findings.violated(
                    "producer-order",
                    "%s has %s at %d behind a later record of the same producer".formatted(partition, value, offset));
        }
    }

    public boolean lossAllowed() {
        return lossAllowed;
    }

    public long ackedCount() {
        return ackedCount;
    }

    public long readCount() {
        return readCount;
    }
}
