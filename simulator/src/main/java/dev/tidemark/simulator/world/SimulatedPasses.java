package dev.tidemark.simulator.world;

import dev.tidemark.storage.cleaner.PassWaits;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Runs passes of the cleaner, which wait in the midst of their work. Each has a thread of its own, which runs only
/// while the simulation's thread waits for it, so that all is as if there were one thread. While a pass waits the
/// simulation goes on, and may well kill the process: then the pass is interrupted.
public final class SimulatedPasses implements Executor, PassWaits {
    private static final long START_NS_MAX = 20_000_000;

    private final SimulatedProcess process;
    private final Executor starts;
    private final Set<Pass> open = new LinkedHashSet<>();
    private @Nullable Pass running;

    public SimulatedPasses(SimulatedProcess process) {
        this.process = process;
        this.starts = process.diskThreads(100_000, START_NS_MAX);
        process.onEnd(() -> List.copyOf(open).forEach(Pass::goOn));
    }

    @Override
    public void execute(Runnable task) {
        starts.execute(() -> {
            Pass pass = new Pass(task);
            open.add(pass);
            pass.thread.start();
            pass.goOn();
        });
    }

    @Override
    public void sleep(long ms) throws InterruptedException {
        Pass pass = current();
        process.after(ms * 1_000_000, pass::goOn);
        pass.letOthers();
    }

    @Override
    public <T> T await(CompletableFuture<T> result) throws InterruptedException, ExecutionException {
        Pass pass = current();
        var _ = result.whenComplete((_, _) -> process.after(1_000, pass::goOn));
        pass.letOthers();
        return result.get();
    }

    private Pass current() {
        Pass pass = running;
        if (pass == null) throw new IllegalStateException("no pass runs");
        return pass;
    }

    private final class Pass {
        private final Semaphore mine = new Semaphore(0);
        private final Semaphore others = new Semaphore(0);
        private final Thread thread;
        private @Nullable Throwable bug;

        Pass(Runnable task) {
            this.thread = Thread.ofPlatform().daemon().name("pass").unstarted(() -> {
                mine.acquireUninterruptibly();
                try {
                    task.run();
                } catch (RuntimeException | Error thrown) {
                    bug = thrown;
                }
                open.remove(this);
                others.release();
            });
        }

        /// The simulation's thread: until the pass waits again or is done.
        void goOn() {
            Pass before = running;
            running = this;
            mine.release();
            others.acquireUninterruptibly();
            running = before;
            if (bug instanceof RuntimeException exception) throw exception;
            if (bug instanceof Error error) throw error;
        }

        /// The pass's thread.
        void letOthers() throws InterruptedException {
            others.release();
            mine.acquireUninterruptibly();
            if (!process.isAlive()) throw new InterruptedException("the process has ended");
        }
    }
}
