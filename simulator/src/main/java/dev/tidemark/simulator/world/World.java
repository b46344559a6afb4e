package dev.tidemark.simulator.world;

import dev.tidemark.base.Check;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One simulated world: its time, its chance, and the one queue in which everything happens.
///
/// Time jumps from event to event. Events of the same moment happen in the order in which they were asked for. Nothing
/// in a world comes from outside but the seed, so that a seed tells all that happens: [#trace] is the same each time.
public final class World {
    private static final long FIRST_WALL_MS = 1_700_000_000_000L;
    private static final long FIRST_NS = 10_000_000_000L;

    private final long seed;
    private final SplittableRandom random;
    private final Trace trace = new Trace();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Findings findings = new Findings(this);
    private long nowNs = FIRST_NS;
    private long eventsAsked;
    private long eventsDone;

    public World(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /// Something that will happen, unless it is taken back.
    static final class Event implements Comparable<Event> {
        final long atNs;
        final long number;
        final @Nullable SimulatedProcess process;

        @Nullable
        Runnable task;

        Event(long atNs, long number, @Nullable SimulatedProcess process, Runnable task) {
            this.atNs = atNs;
            this.number = number;
            this.process = process;
            this.task = task;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    public long seed() {
        return seed;
    }

    /// A source of chance of its own for one part of the world: what that part draws changes nobody else's luck.
    public RandomGenerator newRandom() {
        return random.split();
    }

    public Trace trace() {
        return trace;
    }

    public Findings findings() {
        return findings;
    }

    public long nowNs() {
        return nowNs;
    }

    /// Since the world began.
    public long elapsedMs() {
        return (nowNs - FIRST_NS) / 1_000_000;
    }

    public long wallMs() {
        return FIRST_WALL_MS + elapsedMs();
    }

    public long eventsDone() {
        return eventsDone;
    }

    Event at(long atNs, @Nullable SimulatedProcess process, Runnable task) {
        Event event = new Event(Math.max(atNs, nowNs), eventsAsked++, process, task);
        events.add(event);
        return event;
    }

    /// Runs `task` after `delayMs`, as an act of the world itself.
    public void after(long delayMs, Runnable task) {
        var _ = at(nowNs + delayMs * 1_000_000, null, task);
    }

    /// The same, more finely.
    public void afterNs(long delayNs, Runnable task) {
        var _ = at(nowNs + delayNs, null, task);
    }

    /// Lets things happen until `durationMs` from now.
    public void run(long durationMs) {
        long endNs = nowNs + durationMs * 1_000_000;
        while (true) {
            Event next = events.peek();
            if (next == null || next.atNs > endNs) break;
            step();
        }
        nowNs = endNs;
    }

    /// The next thing happens.
    private void step() {
        Event event = events.poll();
        Check.that(event != null, "nothing happens any more");
        Runnable task = event.task;
        if (task == null) return; // Taken back.
        nowNs = event.atNs;
        SimulatedProcess process = event.process;
        if (process == null) {
            eventsDone++;
            trace.note(nowNs, 0);
            task.run();
        } else if (process.takes(event)) {
            eventsDone++;
            trace.note(nowNs, process.number());
            process.run(task);
        }
    }
}
