package dev.tidemark.base.serial;

import dev.tidemark.base.time.Loop;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One writer at a time, without locks or a thread of its own: the owner of a partition's or a group's mutable state.
///
/// Work given to an idle serial runs at once on the caller's thread, behind one compare-and-set. Work given to a busy
/// one is queued and run, in the order given, by whoever is inside, who hands the rest to `overflow` after
/// [#TASKS_IN_A_ROW_MAX] tasks. So a task sees everything that earlier tasks wrote, whichever thread ran them. A task
/// that is given from inside the serial runs after the current one.
///
/// A task that throws stops the serial for good: what it guards may be half changed. `onFailure` hears of it once;
/// later work is refused with [StoppedException], and what waited is told so if it is [Refusable].
///
/// The state is one reference: `null` when idle, [#BUSY] when someone is inside and nothing waits, otherwise the newest
/// waiting task, linked to the older ones and in the end to [#BUSY].
public final class Serial {
    private static final int TASKS_IN_A_ROW_MAX = 64;
    private static final Node BUSY = new Node(() -> {}, null);

    private final AtomicReference<@Nullable Node> state = new AtomicReference<>();
    private final Loop overflow;
    private final Consumer<Throwable> onFailure;
    private volatile boolean stopped;

    public Serial(Loop overflow, Consumer<Throwable> onFailure) {
        this.overflow = overflow;
        this.onFailure = onFailure;
    }

    /// The work was refused because an earlier task failed.
    public static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("stopped by an earlier failure", null, false, false);
        }
    }

    /// Work that somebody waits for.
    public interface Refusable extends Runnable {
        /// Called instead of [#run], once, if an earlier task failed while this one waited.
        void onRefused();
    }

    private static final class Node {
        final Runnable task;

        @Nullable
        Node older;

        Node(Runnable task, @Nullable Node older) {
            this.task = task;
            this.older = older;
        }
    }

    /// Runs `task` in its turn: before this returns if the serial is idle, later otherwise.
    ///
    /// @throws StoppedException if an earlier task failed
    public void execute(Runnable task) {
        if (stopped) throw new StoppedException();
        if (state.compareAndSet(null, BUSY)) {
            if (runTask(task)) drain(1);
            return;
        }
        Node node = new Node(task, null);
        while (true) {
            Node newest = state.get();
            if (newest == null) {
                if (state.compareAndSet(null, BUSY)) {
                    if (runTask(task)) drain(1);
                    return;
                }
            } else {
                node.older = newest;
                if (state.compareAndSet(newest, node)) {
                    // Whoever failed may have looked for the last time before this came.
                    if (stopped) refuse(takeWaiting());
                    return;
                }
            }
        }
    }

    /// Called by whoever is inside, after `done` tasks.
    private void drain(int done) {
        while (!state.compareAndSet(BUSY, null)) {
            Node oldest = takeWaiting();
            while (oldest != null) {
                if (done >= TASKS_IN_A_ROW_MAX) {
                    Node rest = oldest;
                    overflow.run(() -> resume(rest));
                    return;
                }
                if (!runTask(oldest.task)) {
                    refuse(oldest.older);
                    return;
                }
                done++;
                oldest = oldest.older;
            }
        }
    }

    private void resume(Node oldest) {
        int done = 0;
        for (Node node = oldest; node != null; node = node.older) {
            if (!runTask(node.task)) {
                refuse(node.older);
                return;
            }
            done++;
        }
        drain(Math.min(done, TASKS_IN_A_ROW_MAX - 1));
    }

    /// Takes all that waits, linked from the oldest to the newest by [Node#older].
    private @Nullable Node takeWaiting() {
        Node newest = state.getAndSet(BUSY);
        Node oldest = null;
        while (newest != null && newest != BUSY) {
            Node next = newest.older;
            newest.older = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }

    /// Whether the serial goes on.
    private boolean runTask(Runnable task) {
        try {
            task.run();
            return true;
        } catch (RuntimeException | Error failure) {
            stopped = true; // The state stays BUSY: nobody enters again.
            onFailure.accept(failure);
            refuse(takeWaiting());
            return false;
        }
    }

    private static void refuse(@Nullable Node oldest) {
        for (Node node = oldest; node != null; node = node.older)
            if (node.task instanceof Refusable refusable) refusable.onRefused();
    }
}
