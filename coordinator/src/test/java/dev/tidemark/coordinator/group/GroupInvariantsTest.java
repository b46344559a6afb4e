package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.runtime.Step;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/// Whatever clients of both protocols do, in whatever order, and whatever becomes of the log: see [Randomly] for
/// what holds.
class GroupInvariantsTest {
    @Provide
    Arbitrary<List<Step>> steps() {
        return Step.lists(5, 20, 100);
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
