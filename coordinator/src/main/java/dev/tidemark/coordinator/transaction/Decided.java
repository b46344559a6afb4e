package dev.tidemark.coordinator.transaction;

import dev.tidemark.coordinator.runtime.Decision;
import dev.tidemark.coordinator.runtime.Effect;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The decisions of this package, by what they do. The timer runs while a transaction is open.
final class Decided {
    private static final String TIMEOUT = "timeout";

    private Decided() {}

    static Decision<TransactionInput, TransactionFact, TransactionReply> answer(TransactionReply reply) {
        return Decision.reply(reply);
    }

    static Decision<TransactionInput, TransactionFact, TransactionReply> save(
            Transaction next, @Nullable TransactionReply reply) {
        return new Decision<>(List.of(new TransactionFact.Saved(next)), List.of(), reply);
    }

    /// A transaction has begun.
    static Decision<TransactionInput, TransactionFact, TransactionReply> begin(
            Transaction next, TransactionReply reply) {
        List<Effect<TransactionInput, TransactionReply>> effects =
                next.hasTimeout() ? List.of(timer(next, next.timeoutMs())) : List.of();
        return new Decision<>(List.of(new TransactionFact.Saved(next)), effects, reply);
    }

    /// A transaction is decided: its markers may leave when that is committed.
    static Decision<TransactionInput, TransactionFact, TransactionReply> prepare(
            Transaction next, @Nullable TransactionReply reply) {
        return new Decision<>(
                List.of(new TransactionFact.Saved(next)),
                List.of(new Effect.CancelTimer<>(TIMEOUT), new Effect.Send<>(markers(next))),
                reply);
    }

    static List<Effect<TransactionInput, TransactionReply>> onLoaded(Transaction transaction, long nowMs) {
        List<Effect<TransactionInput, TransactionReply>> effects = new ArrayList<>();
        if (transaction.state() == TransactionState.ONGOING && transaction.hasTimeout()) {
            // A clock that was set back must not let a transaction stay open for longer than its timeout.
            long leftMs = transaction.startMs() + transaction.timeoutMs() - nowMs;
            effects.add(timer(transaction, Math.clamp(leftMs, 0, transaction.timeoutMs())));
        }
        if (transaction.state().isPrepared()) effects.add(new Effect.Send<>(markers(transaction)));
        return effects;
    }

    private static Effect<TransactionInput, TransactionReply> timer(Transaction transaction, long delayMs) {
        return new Effect.StartTimer<>(
                TIMEOUT, delayMs, new TransactionInput.TimedOut(transaction.producerId(), transaction.epoch()));
    }

    private static WriteMarkers markers(Transaction transaction) {
        return new WriteMarkers(
                transaction.producerId(),
                transaction.epoch(),
                transaction.isCommit(),
                transaction.partitions(),
                transaction.clientVersion());
    }
}
