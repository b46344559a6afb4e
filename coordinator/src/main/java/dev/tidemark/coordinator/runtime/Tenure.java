package dev.tidemark.coordinator.runtime;

import dev.tidemark.base.serial.Serial;
import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One shard while this broker leads its partition in one leader epoch: from the end of the replay until the
/// leadership is lost or a bug stops the serial. Everything here belongs to the serial.
///
/// The way of an input: [#submit] → the machine decides → its facts are appended ([Appender]) → applied → the reply
/// waits for the high watermark ([Commits]). An input without durable facts goes the same way but for the append, in
/// one piece.
final class Tenure<M extends Machine<I, F, R>, I, F, R> {
    private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);
    private static final int KEYS_PER_SWEEP_STEP = 256;

    private final String name;
    private final M machine;
    private final ShardConfig config;
    private final Loop loop;
    private final Executor background;
    private final Serial serial;
    private final Timers<I> timers;
    private final Commits<R> commits;
    private final Appender<I, F, R> appender;
    private final Map<Long, Waiting<R>> waiting = new HashMap<>();
    private final Consumer<Throwable> onFailure;
    private final Consumer<Posted> outbox;
    private long lastWaiter;
    private boolean closed;

    private record Waiting<R>(String key, Caller<R> caller) {}

    /// A message and the key that it comes from.
    record Posted(String key, Outbox.Message message) {}

    Tenure(
            String name,
            M machine,
            CoordinatorLog log,
            ShardConfig config,
            Loop loop,
            Executor background,
            Consumer<Posted> outbox,
            Consumer<Throwable> onFailure) {
        this.name = name;
        this.machine = machine;
        this.config = config;
        this.loop = loop;
        this.background = background;
        this.outbox = outbox;
        this.onFailure = onFailure;
        this.serial = new Serial(loop, this::onBug);
        this.timers = new Timers<>(loop, this::onTimer);
        this.commits = new Commits<>(loop, config.commitTimeoutMs(), () -> enter(this::expireCommits));
        this.appender = new Appender<>(log, config.batchBytesMax(), commits, new Outcomes());
    }

    /// Starts what the replayed keys need.
    void start() {
        enter(() -> {
            for (String key : List.copyOf(machine.keys())) {
                for (Effect<I, R> effect : machine.onLoaded(key, nowMs())) perform(key, effect);
            }
            armSweep();
        });
    }

    /// The high watermark has passed all that the machine was loaded from.
    void onLoadCommitted() {
        enter(() -> {
            if (!closed) commits.loadedIsCommitted();
        });
    }

    void submit(String key, I input, @Nullable Caller<R> caller) {
        try {
            serial.execute(() -> turn(new Turn<>(key, input, caller, caller == null ? 0 : ++lastWaiter, null)));
        } catch (Serial.StoppedException stopped) {
            if (caller != null) caller.fail(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
    }

    /// Tells the machine something that is not for its log.
    void tell(Consumer<? super M> news) {
        enter(() -> {
            if (!closed) news.accept(machine);
        });
    }

    /// Reads the whole machine.
    void read(Function<? super M, R> question, Caller<R> caller) {
        try {
            serial.execute(() -> {
                if (closed) caller.fail(ErrorCode.NOT_COORDINATOR);
                else commits.replyAfterAll(caller, question.apply(machine));
            });
        } catch (Serial.StoppedException stopped) {
            caller.fail(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
    }

    /// Writes the end of a transaction into the log; the caller gets `reply` when it is committed.
    void endTransaction(EndMarker marker, R reply, Caller<R> caller) {
        try {
            serial.execute(() -> {
                if (closed) {
                    caller.fail(ErrorCode.NOT_COORDINATOR);
                    return;
                }
                machine.onEnding(marker);
                Decision<I, F, R> decision = Decision.reply(reply);
                appender.append(new Appender.Entry<>(
                        new Turn<>("", null, caller, ++lastWaiter, null), decision, List.of(), marker));
            });
        } catch (Serial.StoppedException stopped) {
            caller.fail(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
    }

    private void onMarker(Appender.Entry<I, F, R> entry, EndMarker marker) {
        machine.endTransaction(marker.producerId(), marker.commit());
        Caller<R> caller = entry.turn().caller();
        R reply = entry.decision().reply();
        if (caller != null && reply != null) commits.replyAfterAll(caller, reply);
    }

    /// Gives `input` to every key, some at a time.
    void sweep(I input) {
        enter(() -> sweepFrom(List.copyOf(machine.keys()), 0, input));
    }

    void close(ErrorCode error) {
        enter(() -> {
            if (!closed) end(error);
        });
    }

    private void end(ErrorCode error) {
        closed = true;
        timers.cancelAll();
        appender.dropAll(error);
        commits.failAll(error);
        List<Waiting<R>> callers = new ArrayList<>(waiting.values());
        waiting.clear();
        for (Waiting<R> one : callers) one.caller().fail(error);
    }

    /// The serial has stopped and nobody enters it again: whoever runs this is alone.
    private void onBug(Throwable bug) {
        LOG.error("{}: stopped by a bug, is loaded again from its log", name, bug);
        end(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        onFailure.accept(bug);
    }

    private void enter(Runnable task) {
        try {
            serial.execute(task);
        } catch (Serial.StoppedException stopped) {
            LOG.debug("{}: stopped", name);
        }
    }

    private void turn(Turn<I, R> turn) {
        if (closed) {
            if (turn.caller() != null) turn.caller().fail(ErrorCode.NOT_COORDINATOR);
            return;
        }
        if (appender.queueIfBusy(turn)) return;
        I input = turn.timer() == null ? turn.input() : timers.take(turn.timer());
        if (input != null) decide(turn, input);
    }

    private void decide(Turn<I, R> turn, I input) {
        Decision<I, F, R> decision;
        List<LogRecord> records = new ArrayList<>();
        try {
            decision = machine.decide(turn.key(), input, turn.waiter(), nowMs());
            for (F fact : decision.facts()) records.addAll(machine.encode(turn.key(), fact));
        } catch (RuntimeException bug) {
            // Deciding changes nothing, so that the state is still whole and only this input is lost.
            LOG.error("{}: cannot decide on {}", name, input.getClass().getSimpleName(), bug);
            if (turn.caller() != null) turn.caller().fail(ErrorCode.UNKNOWN_SERVER_ERROR);
            return;
        }
        if (records.isEmpty()) carryOut(turn, decision);
        else appender.append(new Appender.Entry<>(turn, decision, records, null));
    }

    private void carryOut(Turn<I, R> turn, Decision<I, F, R> decision) {
        String key = turn.key();
        for (F fact : decision.facts()) machine.apply(key, fact);
        Caller<R> caller = turn.caller();
        R reply = decision.reply();
        if (caller != null && reply == null) waiting.put(turn.waiter(), new Waiting<>(key, caller));
        for (Effect<I, R> effect : decision.effects()) perform(key, effect);
        if (caller != null && reply != null) commits.reply(key, caller, reply);
    }

    private void perform(String key, Effect<I, R> effect) {
        switch (effect) {
            case Effect.StartTimer<I, R>(var timer, var delayMs, var fires) -> timers.start(key, timer, delayMs, fires);
            case Effect.EnsureTimer<I, R>(var timer, var delayMs, var fires) -> {
                if (!timers.isRunning(key, timer)) timers.start(key, timer, delayMs, fires);
            }
            case Effect.CancelTimer<I, R>(var timer) -> timers.cancel(key, timer);
            case Effect.Respond<I, R>(var waiter, var reply) -> {
                Waiting<R> one = waiting.remove(waiter);
                if (one != null) commits.reply(one.key(), one.caller(), reply);
            }
            case Effect.Send<I, R>(var message) ->
                commits.whenCommitted(key, () -> outbox.accept(new Posted(key, message)));
            case Effect.Compute<I, R>(var work) -> background.execute(() -> compute(key, work));
        }
    }

    private void compute(String key, Supplier<? extends I> work) {
        try {
            I result = work.get();
            enter(() -> turn(Turn.unasked(key, result)));
        } catch (RuntimeException bug) {
            LOG.error("{}: cannot work off {}", name, work.getClass().getSimpleName(), bug);
        }
    }

    private void onTimer(Timers.Armed<I> timer) {
        enter(() -> turn(new Turn<>(timer.key(), null, null, 0, timer)));
    }

    private void expireCommits() {
        if (!closed) commits.expire();
    }

    private void armSweep() {
        if (machine.sweepInput() == null) return;
        loop.runAfter(
                config.sweepIntervalMs(),
                () -> enter(() -> {
                    I input = machine.sweepInput();
                    if (closed || input == null) return;
                    sweepFrom(List.copyOf(machine.keys()), 0, input);
                    armSweep();
                }));
    }

    private void sweepFrom(List<String> keys, int start, I input) {
        if (closed) return;
        int end = Math.min(keys.size(), start + KEYS_PER_SWEEP_STEP);
        for (String key : keys.subList(start, end)) turn(Turn.unasked(key, input));
        if (end < keys.size()) loop.run(() -> enter(() -> sweepFrom(keys, end, input)));
    }

    private long nowMs() {
        return loop.clock().wallMs();
    }

    private final class Outcomes implements Appender.Outcome<I, F, R> {
        @Override
        public void onAppended(List<Appender.Entry<I, F, R>> entries) {
            for (Appender.Entry<I, F, R> entry : entries) {
                EndMarker marker = entry.marker();
                if (marker == null) carryOut(entry.turn(), entry.decision());
                else onMarker(entry, marker);
            }
        }

        @Override
        public List<String> keysOf(EndMarker marker) {
            return List.copyOf(machine.keysInTransaction(marker.producerId()));
        }

        @Override
        public void onRefused(List<Appender.Entry<I, F, R>> entries, ErrorCode error) {
            ErrorCode told = AppendErrors.toCaller(error);
            for (Appender.Entry<I, F, R> entry : entries) {
                Turn<I, R> turn = entry.turn();
                if (turn.caller() != null) turn.caller().fail(told);
                else retry(turn);
            }
        }

        /// A timer's input must not get lost: it is given again, and decides on the state of then.
        private void retry(Turn<I, R> turn) {
            I input = turn.timer() == null ? turn.input() : turn.timer().fires();
            if (input == null) return;
            Turn<I, R> again = Turn.unasked(turn.key(), input);
            loop.runAfter(config.retryBackoffMs(), () -> enter(() -> turn(again)));
        }

        @Override
        public void onTurn(Turn<I, R> turn) {
            turn(turn);
        }

        @Override
        public void enterSerial(Runnable task) {
            enter(() -> {
                if (!closed) task.run();
            });
        }
    }
}
