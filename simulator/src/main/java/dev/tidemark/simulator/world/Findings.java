package dev.tidemark.simulator.world;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/// What is wrong in a world: each invariant that did not hold, with the moment. Beside them the newest of what was
/// done to the world and heard of it, which tells how it came about.
public final class Findings {
    private static final int FINDINGS_MAX = 20;
    private static final int EVENTS_KEPT = 400;

    /// @param invariant its name, as `no-acked-write-lost`
    public record Finding(long atMs, String invariant, String what) {
        @Override
        public String toString() {
            return "at %,d ms: %s: %s".formatted(atMs, invariant, what);
        }
    }

    private final World world;
    private final List<Finding> findings = new ArrayList<>();
    private final Deque<String> story = new ArrayDeque<>();
    private boolean tellAll;
    private boolean tellDetails;

    Findings(World world) {
        this.world = world;
    }

    public void violated(String invariant, String what) {
        tell("VIOLATED " + invariant + ": " + what);
        if (findings.size() < FINDINGS_MAX) findings.add(new Finding(world.elapsedMs(), invariant, what));
    }

    public List<Finding> all() {
        return Collections.unmodifiableList(findings);
    }

    public boolean isEmpty() {
        return findings.isEmpty();
    }

    /// Prints the story as it happens.
    public void tellAll() {
        tellAll = true;
    }

    /// Tells also what only concerns the product's developers.
    public void tellDetails() {
        tellDetails = true;
    }

    public boolean isToldInDetail() {
        return tellDetails;
    }

    /// Adds to the story.
    public void tell(String what) {
        String line = "%,10d ms  %s".formatted(world.elapsedMs(), what);
        if (tellAll) System.out.println(line);
        story.add(line);
        if (story.size() > EVENTS_KEPT) story.remove();
    }

    public List<String> story() {
        return List.copyOf(story);
    }
}
