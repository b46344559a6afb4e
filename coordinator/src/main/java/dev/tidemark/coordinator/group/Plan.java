package dev.tidemark.coordinator.group;

import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import dev.tidemark.protocol.message.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A decision in the making. Lives within one `decide`.
public final class Plan {
    private final List<GroupFact> facts = new ArrayList<>();
    private final List<Effect<GroupInput, Response>> effects = new ArrayList<>();

    public static Decision<GroupInput, GroupFact, Response> answer(Response reply) {
        return Decision.reply(reply);
    }

    public void fact(GroupFact fact) {
        facts.add(fact);
    }

    public void startTimer(String name, long delayMs, GroupInput fires) {
        effects.add(new Effect.StartTimer<>(name, delayMs, fires));
    }

    public void ensureTimer(String name, long delayMs, GroupInput fires) {
        effects.add(new Effect.EnsureTimer<>(name, delayMs, fires));
    }

    public void cancelTimer(String name) {
        effects.add(new Effect.CancelTimer<>(name));
    }

    /// Answers a waiting caller; 0 is nobody.
    public void respond(long waiter, Response reply) {
        if (waiter != 0) effects.add(new Effect.Respond<>(waiter, reply));
    }

    public void compute(Supplier<GroupInput> work) {
        effects.add(new Effect.Compute<>(work));
    }

    /// Takes over what another decision does.
    public void addAll(Decision<GroupInput, GroupFact, Response> decision) {
        facts.addAll(decision.facts());
        effects.addAll(decision.effects());
    }

    public boolean hasFacts() {
        return !facts.isEmpty();
    }

    /// What is committed counts when the producer's transaction is.
    public Decision<GroupInput, GroupFact, Response> decideInTransaction(
            Response reply, long producerId, short producerEpoch) {
        List<GroupFact> pending = new ArrayList<>(facts.size());
        for (GroupFact fact : facts) {
            pending.add(
                    fact instanceof GroupFact.OffsetCommitted(var topic, var partition, var offset)
                            ? new GroupFact.OffsetPending(producerId, topic, partition, offset)
                            : fact);
        }
        return new Decision<>(pending, effects, reply, new Decision.Producer(producerId, producerEpoch));
    }

    public Decision<GroupInput, GroupFact, Response> decide(@Nullable Response reply) {
        return new Decision<>(facts, effects, reply);
    }
}
