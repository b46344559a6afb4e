package dev.tidemark.dist.cli.consume;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.admin.AdminClient;
import dev.tidemark.client.admin.OffsetAdmin;
import dev.tidemark.client.admin.Result;
import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.TimeText;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What `--from` says.
sealed interface StartPoint {
    record Beginning() implements StartPoint {}

    record End() implements StartPoint {}

    record Offset(long offset) implements StartPoint {}

    /// The last `count` of each partition.
    record Last(long count) implements StartPoint {}

    record Time(long timestampMs) implements StartPoint {}

    static StartPoint of(Invocation invocation, long nowMs) {
        String text = invocation.text("--from", "end");
        switch (text) {
            case "beginning", "earliest", "start" -> {
                return new Beginning();
            }
            case "end", "latest" -> {
                return new End();
            }
            default -> {
                // A number or a time.
            }
        }
        if (text.chars().allMatch(Character::isDigit)) return new Offset(number(text));
        if (text.startsWith("-") && text.chars().skip(1).allMatch(Character::isDigit))
            return new Last(number(text.substring(1)));
        Long time = TimeText.parse(text, nowMs, ZoneId.systemDefault());
        if (time == null)
            throw CliException.usage("--from '" + text + "' must be beginning, end, an offset, -N for the last N, or a"
                    + " time: " + TimeText.FORMS);
        return new Time(time);
    }

    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException notANumber) {
            throw CliException.usage("--from '" + digits + "' is not a number that an offset can be");
        }
    }

    default boolean isBeginning() {
        return this instanceof Beginning;
    }

    /// Whether it says more than which end of the log.
    default boolean isExact() {
        return !(this instanceof Beginning || this instanceof End);
    }

    /// Where each partition begins; those at the default end are left out.
    ///
    /// @param readCommitted the end is where the first open transaction begins
    default Map<TopicPartition, Long> offsets(AdminClient admin, List<TopicPartition> partitions, boolean readCommitted)
            throws InterruptedException {
        return switch (this) {
            case Beginning() -> Map.of();
            case End() -> list(admin, partitions, OffsetAdmin.LATEST, readCommitted);
            case Offset(var offset) -> {
                Map<TopicPartition, Long> starts = list(admin, partitions, OffsetAdmin.EARLIEST, readCommitted);
                Map<TopicPartition, Long> ends = list(admin, partitions, OffsetAdmin.LATEST, readCommitted);
                starts.replaceAll((where, start) -> Math.clamp(offset, start, ends.getOrDefault(where, start)));
                yield starts;
            }
            case Last(var count) -> {
                Map<TopicPartition, Long> starts = list(admin, partitions, OffsetAdmin.EARLIEST, readCommitted);
                Map<TopicPartition, Long> ends = list(admin, partitions, OffsetAdmin.LATEST, readCommitted);
                ends.replaceAll((where, end) -> Math.max(end - count, starts.getOrDefault(where, 0L)));
                yield ends;
            }
            case Time(var time) -> {
                Map<TopicPartition, Long> found = list(admin, partitions, time, readCommitted);
                Map<TopicPartition, Long> ends = list(admin, partitions, OffsetAdmin.LATEST, readCommitted);
                found.replaceAll((where, offset) -> offset < 0 ? ends.getOrDefault(where, 0L) : offset);
                yield found;
            }
        };
    }

    private static Map<TopicPartition, Long> list(
            AdminClient admin, List<TopicPartition> partitions, long time, boolean readCommitted)
            throws InterruptedException {
        Map<TopicPartition, Long> times = new TreeMap<>();
        for (TopicPartition partition : partitions) times.put(partition, time);
        Map<TopicPartition, Long> offsets = new TreeMap<>();
        for (Map.Entry<TopicPartition, Result<OffsetAdmin.Position>> each :
                admin.offsets().list(times, readCommitted).entrySet())
            offsets.put(each.getKey(), each.getValue().orThrow().offset());
        return offsets;
    }
}
