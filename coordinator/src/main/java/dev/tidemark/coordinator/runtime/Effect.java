package dev.tidemark.coordinator.runtime;

import java.util.function.Supplier;

/// What a machine asks of its shard. Timer names are the machine's own, apart per key; starting one that runs
/// replaces it.
///
/// @param <I> inputs
/// @param <R> replies
public sealed interface Effect<I, R> {
    /// Gives `fires` to the same key after `delayMs`, unless it is cancelled or replaced before.
    record StartTimer<I, R>(String name, long delayMs, I fires) implements Effect<I, R> {}

    /// The same, but one that runs goes on as it is.
    record EnsureTimer<I, R>(String name, long delayMs, I fires) implements Effect<I, R> {}

    record CancelTimer<I, R>(String name) implements Effect<I, R> {}

    /// Answers a caller who waited: `waiter` is the number that came with the caller's input.
    record Respond<I, R>(long waiter, R reply) implements Effect<I, R> {}

    /// Gives `message` to the shard's [Outbox] once all that it may tell of is committed.
    record Send<I, R>(Outbox.Message message) implements Effect<I, R> {}

    /// Works `work` off the serial, then gives what it yields to the same key. `work` is a record of immutable
    /// values.
    record Compute<I, R>(Supplier<? extends I> work) implements Effect<I, R> {}
}
