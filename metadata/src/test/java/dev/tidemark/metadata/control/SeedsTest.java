package dev.tidemark.metadata.control;

import org.junit.jupiter.api.Test;

/// Many brokers under requests and faults at random. Run one seed alone with `-Dtidemark.seed=N`.
class SeedsTest {
    private static final int SEEDS = Integer.getInteger("tidemark.seeds", 100);
    private static final int STEPS = 120;

    @Test
    void theRulesHoldUnderFaultsAndAllComeBack() {
        Long only = Long.getLong("tidemark.seed");
        long first = only != null ? only : 1;
        long last = only != null ? only : SEEDS;
        for (long seed = first; seed <= last; seed++) {
            RandomCluster cluster = new RandomCluster(seed);
            try {
                cluster.run(STEPS);
            } catch (RuntimeException | AssertionError e) {
                String story = only != null ? "\n" + String.join("\n", cluster.story()) : "";
                throw new AssertionError("seed " + seed + story, e);
            }
        }
    }
}
