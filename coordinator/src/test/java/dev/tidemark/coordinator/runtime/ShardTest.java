package dev.tidemark.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A shard with a machine that keeps a text per key.
class ShardTest {
    private static final ShardConfig CONFIG = new ShardConfig(5_000, 200, 60_000, 500, 1_000);

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MemoryLog log = new MemoryLog();
    private final List<Texts> machines = new ArrayList<>();
    private final Shard<Texts, String, String, String> shard =
            new Shard<>("texts-0", CONFIG, loop, loop::run, this::newMachine);
    private final List<String> told = new ArrayList<>();

    private Texts newMachine() {
        Texts machine = new Texts();
        machines.add(machine);
        return machine;
    }

    /// Inputs are words: `x` appends to the key's text, `?` asks for it, `wait` waits, `wake` answers who waits,
    /// `in:…` gives the rest after a second, `work:…` works it out elsewhere, `big:…` makes many facts, `bug` and
    /// `break` fail.
    private static final class Texts implements Machine<String, String, String> {
        private final Map<String, String> texts = new TreeMap<>();
        private long waiter;

        @Override
        public Decision<String, String, String> decide(String key, String input, long number, long nowMs) {
            String text = texts.getOrDefault(key, "");
            if (input.equals("?")) return Decision.reply(text);
            if (input.equals("bug")) throw new IllegalStateException("a bug");
            if (input.equals("wait")) return new Decision<>(List.of("soft:" + number), List.of(), null);
            if (input.equals("wake"))
                return new Decision<>(List.of(), List.of(new Effect.Respond<>(waiter, "woken")), "ok");
            if (input.startsWith("in:"))
                return new Decision<>(
                        List.of(), List.of(new Effect.StartTimer<>("t", 1_000, input.substring(3))), "ok");
            if (input.startsWith("work:")) {
                String result = input.substring(5);
                return new Decision<>(List.of(), List.of(new Effect.Compute<>(() -> result)), "ok");
            }
            if (input.startsWith("big:")) {
                List<String> facts = new ArrayList<>();
                for (int i = 0; i < 20; i++) facts.add(text + input.substring(4) + i);
                return new Decision<>(facts, List.of(), "ok");
            }
            return new Decision<>(List.of(text + input), List.of(), "ok");
        }

        @Override
        public void apply(String key, String fact) {
            if (fact.equals("break")) throw new IllegalStateException("broken");
            if (fact.startsWith("soft:")) waiter = Long.parseLong(fact.substring(5));
            else texts.put(key, fact);
        }

        @Override
        public List<LogRecord> encode(String key, String fact) {
            return fact.startsWith("soft:") ? List.of() : List.of(new LogRecord(Bytes.utf8(key), Bytes.utf8(fact)));
        }

        @Override
        public void replay(LogBatch batch, LogRecord record) {
            Bytes value = record.value();
            if (value != null && !value.toUtf8().equals("break"))
                texts.put(record.key().toUtf8(), value.toUtf8());
        }

        @Override
        public Collection<String> keys() {
            return texts.keySet();
        }

        @Override
        public List<Effect<String, String>> onLoaded(String key, long nowMs) {
            return List.of();
        }
    }

    @BeforeEach
    void elect() {
        CoordinatorLog next = log.nextLeader();
        shard.onElected(log.leaderEpoch(), next);
    }

    private void submit(String key, String input) {
        shard.submit(key, input, new Caller<>() {
            @Override
            public void reply(String reply) {
                told.add(key + " " + input + " -> " + reply);
            }

            @Override
            public void fail(ErrorCode error) {
                told.add(key + " " + input + " -> " + error);
            }
        });
    }

    @Test
    void turnsOfOneKeyWaitForItsAppendAndThoseOfOthersShareABatch() {
        log.holdAppends();
        submit("a", "x");
        submit("a", "y");
        submit("b", "x");
        submit("c", "x");
        assertThat(told).isEmpty();

        log.releaseAppends();
        submit("a", "?");

        assertThat(log.batches()).extracting(batch -> batch.records().size()).containsExactly(1, 3);
        assertThat(told).contains("a x -> ok", "b x -> ok", "c x -> ok", "a y -> ok", "a ? -> xy");
    }

    @Test
    void aRefusedAppendChangesNothing() {
        submit("a", "x");
        log.refuse(ErrorCode.KAFKA_STORAGE_ERROR);
        submit("a", "y");
        log.refuse(null);
        submit("a", "?");

        assertThat(told).containsExactly("a x -> ok", "a y -> NOT_COORDINATOR", "a ? -> x");
    }

    @Test
    void whoMayHaveBeenReplacedAnswersNothing() {
        submit("a", "x");
        log.fence(true);
        submit("a", "?");
        submit("a", "y");
        log.fence(false);
        submit("a", "?");

        assertThat(told).containsExactly("a x -> ok", "a ? -> NOT_COORDINATOR", "a y -> NOT_COORDINATOR", "a ? -> x");
    }

    @Test
    void repliesAndReadsOfAKeyWaitForTheWatermark() {
        log.holdCommits();
        submit("a", "x");
        submit("a", "?");
        submit("b", "?");
        assertThat(told).containsExactly("b ? -> ");

        log.releaseCommits();

        assertThat(told).containsExactly("b ? -> ", "a x -> ok", "a ? -> x");
    }

    @Test
    void whoWaitsForTheWatermarkTooLongIsTold() {
        log.holdCommits();
        submit("a", "x");
        loop.advance(5_000);
        assertThat(told).containsExactly("a x -> REQUEST_TIMED_OUT");

        log.releaseCommits();
        submit("a", "?");

        assertThat(told).contains("a ? -> x");
    }

    @Test
    void aLargeDecisionGoesInSeveralBatchesAndIsAppliedAsOne() {
        submit("a", "big:text");
        submit("a", "?");

        assertThat(log.batches()).hasSizeGreaterThan(2);
        assertThat(log.batches())
                .allSatisfy(batch -> assertThat(batch.records()).hasSizeLessThan(20));
        assertThat(told).containsExactly("a big:text -> ok", "a ? -> text19");
    }

    @Test
    void aLargeDecisionThatIsRefusedHalfwayIsReadBackFromTheLog() {
        log.holdAppends();
        submit("a", "big:text");
        log.refuseAfter(1, ErrorCode.NOT_ENOUGH_REPLICAS);
        log.releaseAppends();
        assertThat(told).containsExactly("a big:text -> COORDINATOR_NOT_AVAILABLE");
        assertThat(shard.state()).isEqualTo(Shard.State.FAILED);

        log.refuse(null);
        loop.advance(1_000);
        submit("a", "?");

        assertThat(told.getLast()).startsWith("a ? -> text").isNotEqualTo("a ? -> text19");
    }

    @Test
    void whoWaitsIsAnsweredLater() {
        submit("a", "wait");
        assertThat(told).isEmpty();

        submit("a", "wake");

        assertThat(told).containsExactlyInAnyOrder("a wait -> woken", "a wake -> ok");
    }

    @Test
    void timersAndWorkGiveTheirInputs() {
        submit("a", "in:x");
        submit("a", "work:y");
        loop.advance(999);
        submit("a", "?");
        loop.advance(1);
        submit("a", "?");

        assertThat(told).containsExactly("a in:x -> ok", "a work:y -> ok", "a ? -> y", "a ? -> yx");
    }

    @Test
    void aTimerThatIsStartedAgainFiresAtItsNewTimeOnly() {
        submit("a", "in:x");
        loop.advance(600);
        submit("a", "in:y");
        loop.advance(999);
        submit("a", "?");
        loop.advance(1);
        submit("a", "?");

        assertThat(told).endsWith("a ? -> ", "a ? -> y");
    }

    @Test
    void aBugInADecisionCostsOnlyItsCaller() {
        submit("a", "x");
        submit("a", "bug");
        submit("a", "?");

        assertThat(told).containsExactly("a x -> ok", "a bug -> UNKNOWN_SERVER_ERROR", "a ? -> x");
    }

    @Test
    void aBugInTheStateLoadsTheShardAgain() {
        submit("a", "x");
        submit("b", "break");
        submit("a", "?");
        assertThat(shard.state()).isEqualTo(Shard.State.FAILED);

        loop.advance(1_000);
        submit("a", "?");

        assertThat(told)
                .containsExactly(
                        "a x -> ok",
                        "b break -> COORDINATOR_NOT_AVAILABLE",
                        "a ? -> COORDINATOR_NOT_AVAILABLE",
                        "a ? -> x");
    }

    @Test
    void whoeverWaitsHearsThatTheLeadershipIsLost() {
        submit("a", "wait");
        log.holdAppends();
        submit("b", "x");
        submit("b", "y");
        submit("c", "x");
        shard.onResigned(log.leaderEpoch());
        submit("a", "?");

        assertThat(told)
                .containsExactlyInAnyOrder(
                        "a wait -> NOT_COORDINATOR",
                        "b x -> NOT_COORDINATOR",
                        "b y -> NOT_COORDINATOR",
                        "c x -> NOT_COORDINATOR",
                        "a ? -> NOT_COORDINATOR");
    }

    @Test
    void aNewLeaderKnowsWhatTheLogKnows() {
        submit("a", "x");
        log.holdReplay();
        elect();
        submit("a", "?");
        log.releaseReplay();
        submit("a", "?");

        assertThat(told).containsExactly("a x -> ok", "a ? -> COORDINATOR_LOAD_IN_PROGRESS", "a ? -> x");
        assertThat(machines).hasSize(2);
    }

    @Test
    void anOldEpochChangesNothing() {
        submit("a", "x");
        shard.onResigned(log.leaderEpoch() - 1);
        submit("a", "?");

        assertThat(told).containsExactly("a x -> ok", "a ? -> x");
    }
}
