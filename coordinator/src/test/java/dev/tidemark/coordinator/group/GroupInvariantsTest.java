package dev.tidemark.coordinator.group;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/// Whatever clients of both protocols do, in whatever order, and whatever becomes of the log: see [Randomly] for
/// what holds.
class GroupInvariantsTest {
    /// One thing that happens; the numbers choose who and what.
    record Step(int client, int action, int argument) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> step = Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 99),
                        Arbitraries.integers().between(0, 99))
                .as(Step::new);
        return step.list().ofMinSize(20).ofMaxSize(100);
    }

    @Property(tries = 50, shrinking = ShrinkingMode.BOUNDED)
    void consumerGroupsKeepTheirInvariants(@ForAll("steps") List<Step> steps) {
        run(new Randomly(0), steps);
    }

    @Property(tries = 50, shrinking = ShrinkingMode.BOUNDED)
    void classicGroupsKeepTheirInvariants(@ForAll("steps") List<Step> steps) {
        run(new Randomly(5), steps);
    }

    @Property(tries = 70, shrinking = ShrinkingMode.BOUNDED)
    void mixedGroupsKeepTheirInvariants(@ForAll("steps") List<Step> steps) {
        run(new Randomly(2), steps);
    }

    private static void run(Randomly world, List<Step> steps) {
        for (Step step : steps) {
            world.take(step);
            world.check();
        }
        world.checkThatItSettles();
    }
}
