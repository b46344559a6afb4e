package dev.tidemark.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.MemoryLog;
import dev.tidemark.coordinator.runtime.SimulatedLoop;
import dev.tidemark.coordinator.runtime.Step;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/// Three producers that fight over one transactional id, and take over what is open there, markers that are lost,
/// repeated and late, coordinators that
/// come and go, logs that refuse:
/// - all markers of one producer epoch say the same, in all partitions;
/// - a commit that was told is what the markers say, and one that was told as failed is not
/// committed;
/// - nobody's marker epoch is below what a producer was told before (so that partitions can
/// fence);
/// - nothing stays decided and unfinished when all is calm.
class TransactionInvariantsTest {
    private static final String ID = "id";
    private static final int PARTITIONS = 3;

    @Provide
    Arbitrary<List<Step>> steps() {
        return Step.lists(3, 20, 150);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void decisionsAreMadeOnceAndKept(@ForAll("steps") List<Step> steps) {
        World world = new World();
        for (Step step : steps) world.take(step);
        world.checkThatItSettles();
    }

    private static final class Producer {
        long id = -1;
        short epoch = -1;
        boolean isNew = true;
        /// The epoch of the marker of the transaction that it took over; empty for its own.
        String taken = "";
    }

    private record Letter(int coordinatorEpoch, WriteMarkers markers) {}

    private static final class World {
        final SimulatedLoop loop = new SimulatedLoop();
        final MemoryLog log = new MemoryLog();
        final List<Producer> producers = List.of(new Producer(), new Producer(), new Producer());
        final List<Letter> letters = new ArrayList<>();
        final Map<String, Boolean> outcomes = new TreeMap<>();
        final Map<String, Boolean> told = new TreeMap<>();
        final List<CompletableFuture<?>> watched = new ArrayList<>();
        final TransactionCoordinator coordinator = new TransactionCoordinator(
                () -> new TransactionConfig(1, 60_000, false, 3_600_000, 600_000),
                () -> 1,
                _ -> loop,
                loop::run,
                (_, epoch, _, markers) -> letters.add(new Letter(epoch, markers)));
        long fresh = 100;

        World() {
            elect();
        }

        void elect() {
            var next = log.nextLeader();
            coordinator.onElected(0, log.leaderEpoch(), next);
            loop.settle();
        }

        void take(Step step) {
            Producer producer = producers.get(step.who());
            int action = step.action();
            if (action < 8) init(producer, false, -1);
            else if (action < 12) init(producer, true, -1);
            else if (action < 45) add(producer, step.argument());
            else if (action < 65) end(producer, step.argument() % 3 != 0, -1);
            else if (action < 80) deliver(step.argument());
            else if (action < 86) elect();
            else if (action < 92) loop.advance(step.argument() * 1_000L);
            else if (action < 96) disturb(step.argument());
            else calm();
            loop.settle();
            checkAnswers();
        }

        private void checkAnswers() {
            watched.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
            watched.removeIf(CompletableFuture::isDone);
        }

        private void ask(TransactionInput input, java.util.function.Consumer<TransactionReply> onReply) {
            watched.add(coordinator.submit(ID, input).thenAccept(onReply));
        }

        void init(Producer producer, boolean keepsOpen, long freshId) {
            boolean isNew = producer.isNew || keepsOpen;
            long id = isNew ? -1 : producer.id;
            short epoch = isNew ? -1 : producer.epoch;
            ask(new TransactionInput.InitProducerId(60_000, id, epoch, keepsOpen, false, freshId), reply -> {
                switch (reply) {
                    case TransactionReply.NeedsProducerId() -> init(producer, keepsOpen, fresh++);
                    case TransactionReply.Kept(var newId, var newEpoch, var ongoingId, var ongoingEpoch) ->
                        begin(producer, newId, newEpoch, ongoingId + "/" + (ongoingEpoch + 1));
                    case TransactionReply.Identity(var error, var newId, var newEpoch) -> {
                        if (error == ErrorCode.NONE) begin(producer, newId, newEpoch, "");
                        if (error == ErrorCode.PRODUCER_FENCED) producer.isNew = true;
                    }
                    default -> {}
                }
            });
        }

        private static void begin(Producer producer, long id, short epoch, String taken) {
            producer.id = id;
            producer.epoch = epoch;
            producer.isNew = false;
            producer.taken = taken;
        }

        void add(Producer producer, int argument) {
            SortedSet<TopicPartition> partitions = new TreeSet<>();
            partitions.add(new TopicPartition("t", argument % PARTITIONS));
            ask(new TransactionInput.AddPartitions(producer.id, producer.epoch, partitions, (short) 2), _ -> {});
        }

        void end(Producer producer, boolean commit, long freshId) {
            long id = producer.id;
            short epoch = producer.epoch;
            String key = producer.taken.isEmpty() ? id + "/" + (epoch + 1) : producer.taken;
            ask(new TransactionInput.End(id, epoch, commit, (short) 2, freshId), reply -> {
                if (reply instanceof TransactionReply.NeedsProducerId) end(producer, commit, fresh++);
                if (!(reply instanceof TransactionReply.Identity(var error, var newId, var newEpoch))) return;
                if (error == ErrorCode.NONE) {
                    Boolean other = told.putIfAbsent(key, commit);
                    assertThat(other).as("told of %s", key).isIn(null, commit);
                    checkOutcome(key);
                    if (producer.id == id && producer.epoch == epoch) {
                        begin(producer, newId, newEpoch, "");
                    }
                }
            });
        }

        /// One of the letters reaches its partitions, maybe again, maybe only some of them.
        void deliver(int argument) {
            if (letters.isEmpty()) return;
            Letter letter = letters.get(argument % letters.size());
            if (argument % 4 == 0) letters.remove(letter);
            SortedSet<TopicPartition> reached = new TreeSet<>(letter.markers().partitions());
            if (argument % 3 == 0 && reached.size() > 1) reached.removeLast();
            write(letter, reached);
        }

        private void write(Letter letter, SortedSet<TopicPartition> reached) {
            WriteMarkers markers = letter.markers();
            String key = markers.producerId() + "/" + markers.epoch();
            Boolean other = outcomes.putIfAbsent(key, markers.commit());
            assertThat(other).as("markers of %s", key).isIn(null, markers.commit());
            checkOutcome(key);
            watched.add(coordinator.submit(
                    ID, new TransactionInput.MarkersWritten(markers.producerId(), markers.epoch(), reached)));
        }

        private void checkOutcome(String key) {
            Boolean outcome = outcomes.get(key);
            Boolean answer = told.get(key);
            if (outcome != null && answer != null) assertThat(outcome).as(key).isEqualTo(answer);
        }

        void disturb(int argument) {
            switch (argument % 3) {
                case 0 -> log.refuse(ErrorCode.NOT_ENOUGH_REPLICAS);
                case 1 -> log.holdCommits();
                default -> log.holdAppends();
            }
        }

        void calm() {
            log.refuse(null);
            log.releaseAppends();
            log.releaseCommits();
        }

        void checkThatItSettles() {
            calm();
            elect();
            loop.advance(61_000);
            for (int round = 0; round < 5; round++) {
                for (Letter letter : List.copyOf(letters))
                    write(letter, letter.markers().partitions());
                loop.advance(1_000);
            }
            checkAnswers();
            var answer = coordinator.submit(ID, new TransactionInput.Describe());
            assertThat(answer).isCompleted();
            if (answer.join() instanceof TransactionReply.Described(Transaction known) && known != null) {
                assertThat(known.state()).isNotEqualTo(TransactionState.ONGOING);
                assertThat(known.state().isPrepared()).isFalse();
            }
            Producer last = new Producer();
            init(last, false, -1);
            loop.settle();
            assertThat(last.id).isGreaterThanOrEqualTo(0);
        }
    }
}
