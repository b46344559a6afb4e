package dev.tidemark.simulator.world;

import dev.tidemark.base.time.Clock;
import dev.tidemark.base.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/// A process on a simulated machine: whose tasks run, until it is killed. While it is paused nothing of it runs, and
/// what came due meanwhile runs when it goes on, as after SIGSTOP.
///
/// A task runs in no time; how long things take is told by when their tasks are due.
public final class SimulatedProcess {
    /// Of a hand-over between threads, at most.
    private static final int HAND_OVER_NS_MAX = 60_000;

    private final World world;
    private final int number;
    private final String name;
    private final RandomGenerator random;
    private final Deque<World.Event> dueWhilePaused = new ArrayDeque<>();
    private final List<Runnable> onEnd = new ArrayList<>();
    private boolean paused;
    private boolean dead;
    private long wallOffsetMs;
    private long diskStallUntilNs;

    /// @param number tells it from the others in the trace
    public SimulatedProcess(World world, int number, String name) {
        this.world = world;
        this.number = number;
        this.name = name;
        this.random = world.newRandom();
    }

    public World world() {
        return world;
    }

    int number() {
        return number;
    }

    public boolean isAlive() {
        return !dead;
    }

    public boolean isPaused() {
        return paused;
    }

    /// Runs when the process ends, however it ends.
    public void onEnd(Runnable task) {
        onEnd.add(task);
    }

    /// Nothing of it runs any more.
    public void kill() {
        if (dead) return;
        dead = true;
        dueWhilePaused.clear();
        onEnd.forEach(Runnable::run);
    }

    public void pause() {
        paused = true;
    }

    public void resume() {
        if (!paused) return;
        paused = false;
        World.Event due;
        while ((due = dueWhilePaused.poll()) != null) {
            Runnable task = due.task;
            if (task != null) {
                World.Event again = due;
                var _ = world.at(world.nowNs(), this, () -> runIfWanted(again));
            }
        }
    }

    private static void runIfWanted(World.Event event) {
        Runnable task = event.task;
        if (task != null) task.run();
    }

    /// The wall clock of its machine shows this much more than the true time from now on.
    public void wallOffsetMs(long ms) {
        wallOffsetMs = ms;
    }

    /// Its disk answers nothing for so long.
    public void stallDisk(long durationMs) {
        diskStallUntilNs = Math.max(diskStallUntilNs, world.nowNs() + durationMs * 1_000_000);
    }

    /// Whether the event happens now.
    boolean takes(World.Event event) {
        if (dead) return false;
        if (paused) dueWhilePaused.add(event);
        return !paused;
    }

    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error bug) {
            world.findings().violated("no-exception", name + ": " + stackOf(bug));
        }
    }

    private static String stackOf(Throwable bug) {
        StringBuilder text = new StringBuilder(bug.toString());
        StackTraceElement[] stack = bug.getStackTrace();
        for (int i = 0; i < Math.min(12, stack.length); i++)
            text.append("\n        at ").append(stack[i]);
        Throwable cause = bug.getCause();
        return cause == null ? text.toString() : text + "\n      because of " + stackOf(cause);
    }

    private long handOverNs() {
        return 1_000L + random.nextInt(HAND_OVER_NS_MAX);
    }

    /// Runs `task` after a delay, with no order to others.
    public void after(long delayNs, Runnable task) {
        var _ = world.at(world.nowNs() + delayNs, this, task);
    }

    public Clock clock() {
        return clock;
    }

    private final Clock clock = new Clock() {
        @Override
        public long wallMs() {
            return world.wallMs() + wallOffsetMs;
        }

        @Override
        public long monotonicNs() {
            return world.nowNs();
        }
    };

    /// A fresh loop of this process.
    public Loop newLoop() {
        return new SimulatedLoop();
    }

    /// Tasks that run one at a time, in order; each takes between the two times.
    public Executor inOrder(long fromNs, long toNs) {
        return new InOrder(fromNs, toNs, false);
    }

    /// The same, where the tasks wait for the disk.
    public Executor diskInOrder(long fromNs, long toNs) {
        return new InOrder(fromNs, toNs, true);
    }

    /// Tasks that run side by side.
    public Executor threads(long fromNs, long toNs) {
        return task -> after(random.nextLong(fromNs, toNs), task);
    }

    /// The same, where the tasks wait for the disk.
    public Executor diskThreads(long fromNs, long toNs) {
        return task -> {
            long startNs = Math.max(world.nowNs(), diskStallUntilNs);
            var _ = world.at(startNs + random.nextLong(fromNs, toNs), this, task);
        };
    }

    private final class InOrder implements Executor {
        private final long fromNs;
        private final long toNs;
        private final boolean onDisk;
        private long lastNs;

        InOrder(long fromNs, long toNs, boolean onDisk) {
            this.fromNs = fromNs;
            this.toNs = toNs;
            this.onDisk = onDisk;
        }

        @Override
        public void execute(Runnable task) {
            long startNs = Math.max(lastNs, world.nowNs());
            if (onDisk) startNs = Math.max(startNs, diskStallUntilNs);
            lastNs = startNs + random.nextLong(fromNs, toNs);
            var _ = world.at(lastNs, SimulatedProcess.this, task);
        }
    }

    private final class SimulatedLoop implements Loop {
        private long lastNs;

        @Override
        public void run(Runnable task) {
            lastNs = Math.max(lastNs, world.nowNs() + handOverNs());
            var _ = world.at(lastNs, SimulatedProcess.this, task);
        }

        @Override
        public Timer runAfter(long delayMs, Runnable task) {
            World.Event event = world.at(
                    world.nowNs() + Math.max(0, delayMs) * 1_000_000 + handOverNs(), SimulatedProcess.this, task);
            return () -> event.task = null;
        }

        @Override
        public Clock clock() {
            return clock;
        }
    }
}
