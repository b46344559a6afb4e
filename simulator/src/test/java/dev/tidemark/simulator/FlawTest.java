package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.simulator.fault.Theme;
import dev.tidemark.simulator.flaw.Flaw;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The checks find bugs that are there. Which seeds find all of them is told in `docs/simulator.md`.
class FlawTest {
    @ParameterizedTest
    @CsvSource({
        "ACKS_BEFORE_REPLICATION, PROCESS, 10",
        "SEQUENCES_IGNORED, NETWORK, 10",
        "NO_TRUNCATION_BY_EPOCH, PROCESS, 10",
        "ISR_WITHOUT_CONTROLLER, PROCESS, 10",
        "STALE_LEADER_SERVES, PROCESS, 10",
        "MARKERS_LOST, PROCESS, 10",
        "ABORTED_SHOWN, PROCESS, 10",
        "FENCED_PRODUCER_ACCEPTED, PROCESS, 10",
        "OFFSETS_WITHOUT_OUTPUT, PROCESS, 10",
        "HIGH_WATERMARK_ABOVE_ISR, PROCESS, 10",
        "KEYS_TAKEN_FOR_ONE, PROCESS, 10"
    })
    void aBugIsFoundWithinSoManySeeds(Flaw flaw, Theme theme, int seeds) {
        Scenario.Wishes wishes = new Scenario.Wishes(3, 0, theme, flaw);

        boolean found = false;
        for (long seed = 1; seed <= seeds && !found; seed++) {
            found = !new Simulation(seed, wishes).run().isGood();
        }

        assertThat(found).isTrue();
    }
}
