package dev.tidemark.coordinator.runtime;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// One thing that happens in a test of invariants; the numbers choose what, who does it and how.
public record Step(int action, int who, int argument) {
    /// Of `actors` who act.
    public static Arbitrary<List<Step>> lists(int actors, int sizeMin, int sizeMax) {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 99),
                        Arbitraries.integers().between(0, actors - 1),
                        Arbitraries.integers().between(0, 99))
                .as(Step::new)
                .list()
                .ofMinSize(sizeMin)
                .ofMaxSize(sizeMax);
    }
}
