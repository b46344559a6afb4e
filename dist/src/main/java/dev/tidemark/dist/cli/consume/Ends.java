package dev.tidemark.dist.cli.consume;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.consumer.ConsumerRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where reading stops: behind the last record of each partition at the time of asking, or never.
final class Ends {
    /// What is still to be reached; null to go on for ever.
    private final @Nullable Map<TopicPartition, Long> open;

    /// As they were, for records that come later.
    private final Map<TopicPartition, Long> ends;

    private Ends(@Nullable Map<TopicPartition, Long> ends) {
        this.open = ends;
        this.ends = ends == null ? Map.of() : new TreeMap<>(ends);
    }

    static Ends never() {
        return new Ends(null);
    }

    static Ends at(Map<TopicPartition, Long> ends) {
        return new Ends(new TreeMap<>(ends));
    }

    /// Empty partitions have been reached from the start.
    ///
    /// @param readCommitted nothing behind the begin of an open transaction is waited for
    static Ends ofNow(AdminClient admin, List<TopicPartition> partitions, boolean readCommitted)
            throws InterruptedException {
        Map<TopicPartition, Long> latest = new TreeMap<>();
        Map<TopicPartition, Long> earliest = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            latest.put(partition, OffsetAdmin.LATEST);
            earliest.put(partition, OffsetAdmin.EARLIEST);
        }
        Map<TopicPartition, Long> ends = new TreeMap<>();
        var starts = admin.offsets().list(earliest);
        for (var end : admin.offsets().list(latest, readCommitted).entrySet()) {
            long offset = end.getValue().orThrow().offset();
            var start = starts.get(end.getKey());
            if (start == null || offset > start.orThrow().offset()) ends.put(end.getKey(), offset);
        }
        return at(ends);
    }

    boolean isReached() {
        return open != null && open.isEmpty();
    }

    /// Whether the record is to be printed: it was there when the end was asked for.
    boolean accepts(ConsumerRecord record) {
        if (open == null) return true;
        Long end = ends.get(record.partition());
        if (end == null || record.offset() >= end) return false;
        if (record.offset() >= end - 1) open.remove(record.partition());
        return true;
    }

    /// Control records and gaps at the end bring no record: the position tells.
    void passed(Map<TopicPartition, OffsetAndMetadata> positions) {
        if (open == null) return;
        positions.forEach((partition, position) -> {
            Long end = open.get(partition);
            if (end != null && position.offset() >= end) open.remove(partition);
        });
    }
}
