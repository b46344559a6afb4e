package dev.tidemark.dist.cli.group;

import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.TimeText;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/// Where a group is to go on from: exactly one of the `--to-…` options.
sealed interface ResetTarget {
    record Earliest() implements ResetTarget {}

    record Latest() implements ResetTarget {}

    /// The first record that is not older.
    record Time(long timestampMs) implements ResetTarget {}

    record Offset(long offset) implements ResetTarget {}

    /// From what is committed, forward or back.
    record Shift(long records) implements ResetTarget {}

    static ResetTarget of(Invocation invocation, long nowMs) {
        List<ResetTarget> given = new ArrayList<>();
        if (invocation.isSet("--to-earliest")) given.add(new Earliest());
        if (invocation.isSet("--to-latest")) given.add(new Latest());
        String datetime = invocation.text("--to-datetime");
        if (datetime != null) given.add(new Time(time(datetime, nowMs)));
        String duration = invocation.text("--by-duration");
        if (duration != null) given.add(new Time(nowMs - duration(duration)));
        Long offset = invocation.number("--to-offset");
        if (offset != null && offset < 0)
            throw CliException.usage("--to-offset is " + offset + "; it must be 0 or more");
        if (offset != null) given.add(new Offset(offset));
        Long shift = invocation.number("--shift-by");
        if (shift != null) given.add(new Shift(shift));
        if (given.size() != 1)
            throw CliException.usage("give exactly one of --to-earliest, --to-latest, --to-datetime, --by-duration,"
                    + " --to-offset and --shift-by");
        return given.getFirst();
    }

    private static long time(String text, long nowMs) {
        Long time = TimeText.parse(text, nowMs, ZoneId.systemDefault());
        if (time == null)
            throw CliException.usage("--to-datetime '" + text + "' is not a time; it must be " + TimeText.FORMS);
        return time;
    }

    private static long duration(String text) {
        Long duration = TimeText.durationMs(text);
        if (duration == null)
            throw CliException.usage("--by-duration '" + text + "' is not a duration such as 90s, 15m, 2h, 7d or PT1H");
        return duration;
    }

    /// The new offset, within what the log has.
    ///
    /// @param found the first offset at the time asked for, -1 where no record is that young
    static long resolve(ResetTarget target, long committed, long start, long end, long found) {
        long wanted = switch (target) {
            case Earliest() -> start;
            case Latest() -> end;
            case Time(var _) -> found < 0 ? end : found;
            case Offset(var offset) -> offset;
            case Shift(var records) -> (committed < 0 ? end : committed) + Math.clamp(records, -end, end);
        };
        return Math.clamp(wanted, start, end);
    }
}
