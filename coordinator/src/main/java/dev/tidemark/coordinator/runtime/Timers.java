package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.time.Loop;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The named timers of one tenure. Owner: its serial.
///
/// A timer that is moved to a later time, as each heartbeat moves a session's, is not taken off the loop: it
/// fires at its old time, sees the new deadline and waits for the rest. So a heartbeat costs a map lookup and not
/// two timer operations.
final class Timers<I> {
    private record Id(String key, String name) {}

    /// A timer as the loop knows it.
    static final class Armed<I> {
        private final Id id;
        private I fires;
        private long deadlineMs;
        private long armedForMs;
        private Loop.@Nullable Timer handle;

        private Armed(Id id, I fires) {
            this.id = id;
            this.fires = fires;
        }

        String key() {
            return id.key();
        }

        I fires() {
            return fires;
        }
    }

    private final Map<Id, Armed<I>> running = new HashMap<>();
    private final Loop loop;
    private final Consumer<Armed<I>> onFire;

    /// `onFire` is called on the loop, outside of the serial.
    Timers(Loop loop, Consumer<Armed<I>> onFire) {
        this.loop = loop;
        this.onFire = onFire;
    }

    void start(String key, String name, long delayMs, I fires) {
        Id id = new Id(key, name);
        long deadlineMs = loop.clock().monotonicMs() + Math.max(0, delayMs);
        Armed<I> timer = running.get(id);
        if (timer != null && deadlineMs >= timer.armedForMs) {
            timer.deadlineMs = deadlineMs;
            timer.fires = fires;
            return;
        }
        if (timer != null) cancel(key, name);
        Armed<I> fresh = new Armed<>(id, fires);
        fresh.deadlineMs = deadlineMs;
        running.put(id, fresh);
        arm(fresh, Math.max(0, delayMs));
    }

    boolean isRunning(String key, String name) {
        return running.containsKey(new Id(key, name));
    }

    void cancel(String key, String name) {
        Armed<I> timer = running.remove(new Id(key, name));
        if (timer != null && timer.handle != null) timer.handle.cancel();
    }

    /// The input of a timer that fired, which thereby ends; null if it was stopped meanwhile, or moved: then it
    /// goes on.
    @Nullable
    I take(Armed<I> fired) {
        if (running.get(fired.id) != fired) return null;
        long leftMs = fired.deadlineMs - loop.clock().monotonicMs();
        if (leftMs > 0) {
            arm(fired, leftMs);
            return null;
        }
        running.remove(fired.id);
        return fired.fires;
    }

    void cancelAll() {
        for (Armed<I> timer : running.values()) if (timer.handle != null) timer.handle.cancel();
        running.clear();
    }

    private void arm(Armed<I> timer, long delayMs) {
        timer.armedForMs = loop.clock().monotonicMs() + delayMs;
        timer.handle = loop.runAfter(delayMs, () -> onFire.accept(timer));
    }
}
