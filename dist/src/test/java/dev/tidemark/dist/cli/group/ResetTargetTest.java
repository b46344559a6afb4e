package dev.tidemark.dist.cli.group;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ResetTargetTest {
    private static long resolve(ResetTarget target, long committed, long found) {
        return ResetTarget.resolve(target, committed, 10, 100, found);
    }

    @Test
    void movesWithinTheLog() {
        assertThat(resolve(new ResetTarget.Earliest(), 50, -1)).isEqualTo(10);
        assertThat(resolve(new ResetTarget.Latest(), 50, -1)).isEqualTo(100);
        assertThat(resolve(new ResetTarget.Offset(5), 50, -1)).isEqualTo(10);
        assertThat(resolve(new ResetTarget.Offset(1000), 50, -1)).isEqualTo(100);
        assertThat(resolve(new ResetTarget.Shift(-20), 50, -1)).isEqualTo(30);
        assertThat(resolve(new ResetTarget.Shift(-200), 50, -1)).isEqualTo(10);
        assertThat(resolve(new ResetTarget.Shift(-1), -1, -1))
                .as("nothing committed")
                .isEqualTo(99);
        assertThat(resolve(new ResetTarget.Time(7), 50, 42)).isEqualTo(42);
        assertThat(resolve(new ResetTarget.Time(7), 50, -1)).as("all older").isEqualTo(100);
    }
}
