package dev.tidemark.dist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimeTextTest {
    private static final long NOW_MS = Instant.parse("2026-02-01T00:00:00Z").toEpochMilli();
    private static final ZoneId ZONE = ZoneId.of("+02:00");

    @ParameterizedTest
    @CsvSource({
        "2026-01-31, 2026-01-30T22:00:00Z",
        "2026-01-31T12:00, 2026-01-31T10:00:00Z",
        "2026-01-31 12:00:01, 2026-01-31T10:00:01Z",
        "2026-01-31T12:00Z, 2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.250Z, 2026-01-31T12:00:00.250Z",
        "2026-01-31T12:00+01:00, 2026-01-31T11:00:00Z",
        "-90s, 2026-01-31T23:58:30Z",
        "-2h, 2026-01-31T22:00:00Z",
        "-7d, 2026-01-25T00:00:00Z",
        "@1000, 1970-01-01T00:00:01Z"
    })
    void readsWhatPeopleType(String text, Instant expected) {
        assertThat(TimeText.parse(text, NOW_MS, ZONE)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yesterday",
                "-5x",
                "-99999999999999999d",
                "-99999999999999999999s",
                "2026-13-01",
                "@x",
                "12:00",
                ""
            })
    void knowsWhatIsNoTime(String text) {
        assertThat(TimeText.parse(text, NOW_MS, ZONE)).isNull();
    }
}
