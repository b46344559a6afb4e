package dev.tidemark.dist.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Points in time as people type them.
public final class TimeText {
    /// For `--help`.
    public static final String FORMS =
            "2026-01-31, 2026-01-31T12:00[:00[.000]][Z|+01:00], -90s, -15m, -2h, -7d, or @MILLISECONDS since 1970";

    /// So many never overflow, and are enough for anybody: 270,000 years in days.
    private static final int COUNT_DIGITS_MAX = 8;

    private TimeText() {}

    /// Milliseconds since 1970, or null where `text` is no time.
    public static @Nullable Long parse(String text, long nowMs, ZoneId zone) {
        try {
            if (text.startsWith("@")) return Long.parseLong(text.substring(1));
            Long ago = durationMs(text.startsWith("-") ? text.substring(1) : "");
            if (ago != null) return nowMs - ago;
            if (text.length() == 10)
                return LocalDate.parse(text).atStartOfDay(zone).toInstant().toEpochMilli();
            String iso = text.replace(' ', 'T').toUpperCase(Locale.ROOT);
            if (iso.endsWith("Z")) return Instant.parse(withSeconds(iso)).toEpochMilli();
            if (iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10)
                return OffsetDateTime.parse(iso).toInstant().toEpochMilli();
            return LocalDateTime.parse(iso).atZone(zone).toInstant().toEpochMilli();
        } catch (DateTimeException | NumberFormatException notATime) {
            return null;
        }
    }

    /// `90s`, `15m`, `2h`, `7d`, `PT1H`: milliseconds, or null where `text` is none of them.
    public static @Nullable Long durationMs(String text) {
        if (text.startsWith("P")) {
            try {
                return Duration.parse(text).toMillis();
            } catch (DateTimeException | ArithmeticException notADuration) {
                return null;
            }
        }
        if (text.length() < 2 || text.length() > COUNT_DIGITS_MAX + 1) return null;
        if (!text.chars().limit(text.length() - 1).allMatch(c -> c >= '0' && c <= '9')) return null;
        long count = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 's' -> count * 1_000;
            case 'm' -> count * 60_000;
            case 'h' -> count * 3_600_000;
            case 'd' -> count * 86_400_000;
            default -> null;
        };
    }

    /// `12:00Z` has none.
    private static String withSeconds(String iso) {
        boolean hasSeconds = iso.chars().filter(c -> c == ':').count() > 1;
        return hasSeconds ? iso : iso.substring(0, iso.length() - 1) + ":00Z";
    }
}
