package dev.tidemark.coordinator.runtime;

import org.jspecify.annotations.Nullable;

/// One input on its way to a key's machine.
///
/// @param input null where `timer` gives it
/// @param waiter numbers the caller; 0 without one
/// @param timer the timer that gave it, which may have been stopped or moved while the turn waited
record Turn<I, R>(
        String key, @Nullable I input, @Nullable Caller<R> caller, long waiter, Timers.@Nullable Armed<I> timer) {
    static <I, R> Turn<I, R> unasked(String key, I input) {
        return new Turn<>(key, input, null, 0, null);
    }
}
