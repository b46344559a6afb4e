package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.simulator.fault.Theme;
import dev.tidemark.simulator.flaw.Flaw;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A broker lives on without its disk: the others lead, and clients do not wait until it works again.
class DiskLossTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nobodyWaitsForADiskThatHasFailed(long seed) {
        Scenario.Wishes wishes = new Scenario.Wishes(3, 5_000, Theme.NONE, Flaw.NONE);

        Simulation.Outcome outcome = new Simulation(seed, wishes).losingADisk().run();

        assertThat(outcome.findings())
                .as("%s", String.join("\n", outcome.story()))
                .isEmpty();
    }
}
