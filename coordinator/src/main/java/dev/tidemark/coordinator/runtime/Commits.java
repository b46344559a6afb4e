package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Replies that wait for the high watermark. Owner: the tenure's serial.
///
/// A reply may tell what an uncommitted fact made true, so that every reply of a key, reads
/// too, waits for the last
/// append of that key. Nobody is ever told what a new leader would not know. What was loaded
/// from the log is such an
/// append of all keys, until the high watermark has passed it.
final class Commits<R> {
    private record Held<R>(Caller<R> caller, R reply) {}

    /// An append that is in the log and not yet committed.
    static final class Append<R> {
        private final List<String> keys;
        private final long deadlineMs;
        private List<Held<R>> held = new ArrayList<>();
        private List<Runnable> afterwards = new ArrayList<>(0);

        private Append(List<String> keys, long deadlineMs) {
            this.keys = keys;
            this.deadlineMs = deadlineMs;
        }
    }

    private final Map<String, Append<R>> newestByKey = new HashMap<>();
    private final Deque<Append<R>> inOrder = new ArrayDeque<>();
    private final Loop loop;
    private final long timeoutMs;
    private final Runnable onTimer;
    private Loop.@Nullable Timer timer;

    /// Null once it is committed.
    private @Nullable Append<R> loaded;

    /// `onTimer` runs on the loop and must call [#expire] in the serial.
    Commits(Loop loop, long timeoutMs, Runnable onTimer) {
        this.loop = loop;
        this.timeoutMs = timeoutMs;
        this.onTimer = onTimer;
        this.loaded = appended(List.of());
    }

    Append<R> appended(List<String> keys) {
        Append<R> append = new Append<>(keys, nowMs() + timeoutMs);
        for (String key : keys) newestByKey.put(key, append);
        inOrder.add(append);
        return append;
    }

    /// The high watermark has passed all that was loaded.
    void loadedIsCommitted() {
        Append<R> passed = loaded;
        loaded = null;
        if (passed != null) committed(passed);
    }

    void reply(String key, Caller<R> caller, R reply) {
        Append<R> append = newestByKey.get(key);
        hold(append == null ? loaded : append, caller, reply);
    }

    /// Runs `task` once the last append of `key` is committed, however long that takes; never if this tenure ends
    /// before.
    void whenCommitted(String key, Runnable task) {
        Append<R> append = newestByKey.getOrDefault(key, loaded);
        if (append == null) task.run();
        else append.afterwards.add(task);
    }

    /// A reply that tells of all keys: it waits for the newest append.
    void replyAfterAll(Caller<R> caller, R reply) {
        hold(inOrder.peekLast(), caller, reply);
    }

    private void hold(@Nullable Append<R> append, Caller<R> caller, R reply) {
        if (append == null) {
            caller.reply(reply);
            return;
        }
        append.held.add(new Held<>(caller, reply));
        if (timer == null) armTimer(append);
    }

    void committed(Append<R> append) {
        inOrder.remove(append); // the first, or near it
        for (String key : append.keys) newestByKey.remove(key, append);
        List<Held<R>> held = append.held;
        append.held = List.of();
        for (Held<R> one : held) one.caller().reply(one.reply());
        List<Runnable> tasks = append.afterwards;
        append.afterwards = List.of();
        for (Runnable task : tasks) task.run();
    }

    void failed(Append<R> append, ErrorCode error) {
        List<Held<R>> held = append.held;
        append.held = new ArrayList<>();
        for (Held<R> one : held) one.caller().fail(error);
    }

    /// Tells those who waited too long; their facts stay, and may yet be committed.
    void expire() {
        timer = null;
        long nowMs = nowMs();
        for (Append<R> append : inOrder) {
            if (append.deadlineMs > nowMs) {
                armTimer(append);
                return;
            }
            failed(append, ErrorCode.REQUEST_TIMED_OUT);
        }
    }

    void failAll(ErrorCode error) {
        if (timer != null) timer.cancel();
        for (Append<R> append : inOrder) failed(append, error);
        inOrder.clear();
        newestByKey.clear();
        loaded = null;
    }

    private void armTimer(Append<R> append) {
        timer = loop.runAfter(Math.max(1, append.deadlineMs - nowMs()), onTimer);
    }

    private long nowMs() {
        return loop.clock().monotonicMs();
    }
}
