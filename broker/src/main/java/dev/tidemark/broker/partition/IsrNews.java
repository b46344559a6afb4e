package dev.tidemark.broker.partition;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.base.time.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log which ISRs have changed on this leader: each by itself where they are few, and how many for each
/// broker where they are many, as when a follower of thousands of partitions goes or comes back. What changes within
/// half a second is told together. Any thread.
public final class IsrNews {
    private static final Logger LOG = LoggerFactory.getLogger(IsrNews.class);
    private static final long GATHER_MS = 500;
    static final int FEW = 10;
    private static final int NAMED = 3;

    /// @param before this broker first, as in `after`
    record Change(TopicPartition partition, List<Integer> before, List<Integer> after, int partitionEpoch) {}

    private final Loop loop;
    private final ConcurrentLinkedQueue<Change> changes = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isDue = new AtomicBoolean();

    public IsrNews(Loop loop) {
        this.loop = loop;
    }

    void onChange(TopicPartition partition, List<Integer> before, List<Integer> after, int partitionEpoch) {
        changes.add(new Change(partition, before, after, partitionEpoch));
        if (isDue.compareAndSet(false, true)) loop.runAfter(GATHER_MS, this::tell);
    }

    private void tell() {
        isDue.set(false);
        List<Change> gathered = new ArrayList<>();
        for (Change next = changes.poll(); next != null; next = changes.poll()) gathered.add(next);
        lines(gathered).forEach(LOG::info);
    }

    /// What the log says of `gathered`.
    static List<String> lines(List<Change> gathered) {
        if (gathered.size() > FEW) return perBroker(gathered);
        return gathered.stream()
                .map(change -> change.partition() + " has the ISR " + change.after() + " (partition epoch "
                        + change.partitionEpoch() + ").")
                .toList();
    }

    private static List<String> perBroker(List<Change> gathered) {
        SortedMap<Integer, SortedSet<TopicPartition>> left = new TreeMap<>();
        SortedMap<Integer, SortedSet<TopicPartition>> joined = new TreeMap<>();
        for (Change change : gathered) {
            note(change.before(), change.after(), change.partition(), left);
            note(change.after(), change.before(), change.partition(), joined);
        }
        List<String> lines = new ArrayList<>();
        left.forEach((broker, partitions) -> lines.add("Broker " + broker + " left the ISR of " + some(partitions)));
        joined.forEach(
                (broker, partitions) -> lines.add("Broker " + broker + " joined the ISR of " + some(partitions)));
        return lines;
    }

    /// Who of `one` is not in `other`.
    private static void note(
            List<Integer> one,
            List<Integer> other,
            TopicPartition partition,
            SortedMap<Integer, SortedSet<TopicPartition>> partitions) {
        for (int broker : one) {
            if (!other.contains(broker))
                partitions.computeIfAbsent(broker, _ -> new TreeSet<>()).add(partition);
        }
    }

    private static String some(SortedSet<TopicPartition> partitions) {
        String first =
                partitions.stream().limit(NAMED).map(TopicPartition::toString).collect(Collectors.joining(", "));
        if (partitions.size() <= NAMED) return first + ".";
        return partitions.size() + " partitions: " + first + " and others.";
    }
}
