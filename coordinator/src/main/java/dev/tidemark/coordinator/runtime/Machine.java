package dev.tidemark.coordinator.runtime;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The pure content of one shard: many small machines, one per key (a group, a transactional id), that know nothing
/// of each other. Owner: the shard's serial. Made anew on each load, dropped when the leadership is lost.
///
/// @param <I> inputs
/// @param <F> facts
/// @param <R> replies
public interface Machine<I, F, R> {
    /// Changes nothing. `waiter` numbers the caller, for [Effect.Respond]; `nowMs` is the wall clock, for timestamps
    /// only: deadlines are timers.
    Decision<I, F, R> decide(String key, I input, long waiter, long nowMs);

    /// The only mutator: after the local append, and on reload.
    void apply(String key, F fact);

    /// The records that stand for `fact` in the log: none for one that is not kept (soft state such as who waits).
    List<LogRecord> encode(String key, F fact);

    /// Applies a record of the log. Unknown record types and versions are skipped.
    void replay(LogBatch batch, LogRecord record);

    /// The keys that have something of the producer's open transaction.
    default Collection<String> keysInTransaction(long producerId) {
        return List.of();
    }

    /// The producer's transaction has ended: what was applied of batches of its own counts from now on, or never.
    /// Like [#apply] it mutates, live and on reload.
    default void endTransaction(long producerId, boolean commit) {}

    /// A marker is on its way into the log: nothing that is decided from now on comes before it. Soft state only.
    default void onEnding(EndMarker marker) {}

    /// The keys that exist.
    Collection<String> keys();

    /// After a reload: the timers that `key` needs, for instance every member's session.
    List<Effect<I, R>> onLoaded(String key, long nowMs);

    /// An input that every key is given from time to time; null for none.
    default @Nullable I sweepInput() {
        return null;
    }
}
