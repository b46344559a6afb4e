package dev.tidemark.coordinator.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a machine makes of one input.
///
/// @param facts what changes: appended to the log as one batch (those that are durable), then applied
/// @param effects what happens in the world once the facts are applied
/// @param reply the answer to whoever gave the input; null where it waits for a later [Effect.Respond], or there is
///     nobody to answer
/// @param producer for facts that count only if a transaction is committed; null for all others
/// @param <I> inputs
/// @param <F> facts
/// @param <R> replies
public record Decision<I, F, R>(
        List<F> facts,
        List<Effect<I, R>> effects,
        @Nullable R reply,
        @Nullable Producer producer) {
    /// Whose transaction it is.
    public record Producer(long id, short epoch) {}

    public Decision {
        facts = List.copyOf(facts);
        effects = List.copyOf(effects);
    }

    public Decision(List<F> facts, List<Effect<I, R>> effects, @Nullable R reply) {
        this(facts, effects, reply, null);
    }

    public static <I, F, R> Decision<I, F, R> nothing() {
        return new Decision<>(List.of(), List.of(), null);
    }

    /// Only an answer.
    public static <I, F, R> Decision<I, F, R> reply(R reply) {
        return new Decision<>(List.of(), List.of(), reply);
    }
}
