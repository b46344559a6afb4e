package dev.tidemark.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.coordinator.runtime.EndMarker;
import dev.tidemark.coordinator.runtime.ReplicatedLog;
import dev.tidemark.coordinator.runtime.Step;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.OffsetFetchRequest;
import dev.tidemark.protocol.message.OffsetFetchResponse;
import dev.tidemark.protocol.message.TxnOffsetCommitRequest;
import dev.tidemark.protocol.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Offsets that are committed in transactions, while the group's partition moves between three brokers, and a replaced
/// one does not know it:
/// - what was in a transaction that was committed, to the knowledge of its coordinator, is what the leader tells, or
///   something later;
/// - what is in one that is open or was aborted is told by nobody;
/// - when all transactions are over, no offset waits for the end of one.
class TransactionalFailoverTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 2;

    @Provide
    Arbitrary<List<Step>> steps() {
        return Step.lists(3, 30, 150);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void offsetsCountWithTheirTransaction(@ForAll("steps") List<Step> steps) {
        Brokers brokers = new Brokers();
        for (Step step : steps) brokers.take(step);
        brokers.checkThatItSettles();
    }

    @Test
    void aNewLeaderKnowsWhatIsPendingAndWhatHasEnded() {
        Brokers brokers = new Brokers();
        Producer producer = brokers.producers.getFirst();
        brokers.commit(0, producer, 0, CompletableFuture.completedFuture(ErrorCode.NONE));
        brokers.cluster.settle();
        brokers.cluster.elect(1);
        brokers.cluster.settle();
        assertThat(brokers.told(true)).containsEntry(0, "UNSTABLE_OFFSET_COMMIT");

        producer.decision = true;
        brokers.deliver(1, producer);
        brokers.cluster.settle();
        brokers.cluster.elect(2);
        brokers.cluster.settle();

        assertThat(brokers.told(true)).containsEntry(0, "1");
    }

    @Test
    void theMarkerOfAReplacedLeaderEndsNothing() {
        Brokers brokers = new Brokers();
        Producer producer = brokers.producers.getFirst();
        brokers.commit(0, producer, 0, CompletableFuture.completedFuture(ErrorCode.NONE));
        brokers.cluster.settle();
        brokers.cluster.elect(1);
        producer.decision = true;

        brokers.deliver(0, producer);
        brokers.cluster.hearOfIt(0);
        brokers.cluster.settle();

        assertThat(producer.decision).as("it is still to be delivered").isTrue();
        assertThat(brokers.told(true)).containsEntry(0, "UNSTABLE_OFFSET_COMMIT");
    }

    private static final class Producer {
        final long id;
        final short version;
        short epoch;
        int transaction;
        /// Null while its transaction is open.
        @Nullable
        Boolean decision;
        /// What its transaction has for sure, by partition.
        final Map<Integer, Long> taken = new TreeMap<>();

        Producer(long id, int version) {
            this.id = id;
            this.version = (short) version;
        }

        String name() {
            return id + "/" + transaction;
        }
    }

    /// @param isLate it may be written after offsets that were sent after it
    private record Sent(String transaction, boolean isLate) {}

    private static final class Brokers {
        private final Cluster cluster = new Cluster(BROKERS);
        private final World world = cluster.world;
        private final ReplicatedLog log = cluster.log;
        final List<Producer> producers = List.of(new Producer(7, 2), new Producer(8, 2), new Producer(9, 1));
        private final Map<Long, Sent> sent = new HashMap<>();
        private final Map<String, Boolean> outcomes = new HashMap<>();
        private final Map<Integer, Long> least = new TreeMap<>();
        private final List<CompletableFuture<ErrorCode>> questions = new ArrayList<>();
        private long nextOffset = 1;

        Brokers() {
            world.topics.create("t", PARTITIONS);
        }

        void take(Step step) {
            int action = step.action();
            Producer producer = producers.get(step.who());
            int asked = step.argument() % 5 == 0 ? step.argument() % BROKERS : log.leader();
            if (action < 30) ask(asked, producer, step.argument());
            else if (action < 40) answer(step.argument());
            else if (action < 50) decide(producer, step.argument() % 3 != 0);
            else if (action < 65) deliver(asked, producer);
            else if (action < 80) log.fetch(step.who(), 1 + step.argument() % 4);
            else if (action < 86) cluster.electIfPossible(step.who());
            else if (action < 92) cluster.hearOfIt(step.who());
            else told(false);
            world.loop.settle();
        }

        /// The transaction coordinator answers at once, or later, when its answer may be no longer true.
        private void ask(int broker, Producer producer, int argument) {
            if (producer.decision != null) return;
            CompletableFuture<ErrorCode> open = new CompletableFuture<>();
            if (argument % 2 == 0) open.complete(ErrorCode.NONE);
            else questions.add(open);
            commit(broker, producer, argument % PARTITIONS, open);
        }

        void commit(int broker, Producer producer, int partition, CompletableFuture<ErrorCode> open) {
            long offset = nextOffset++;
            String transaction = producer.name();
            sent.put(offset, new Sent(transaction, !open.isDone()));
            var answer = cluster.coordinators
                    .get(broker)
                    .txnOffsetCommit(client(5), request(producer, partition, offset), () -> open);
            var _ = answer.thenAccept(response -> {
                boolean isInTime = transaction.equals(producer.name()) && producer.decision == null;
                if (error(response) == ErrorCode.NONE && isInTime) producer.taken.merge(partition, offset, Math::max);
            });
        }

        private static TxnOffsetCommitRequest request(Producer producer, int partition, long offset) {
            return TxnOffsetCommitRequest.builder()
                    .transactionalId("id")
                    .groupId("g")
                    .producerId(producer.id)
                    .producerEpoch(producer.epoch)
                    .generationIdOrMemberEpoch(-1)
                    .topics(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic.builder()
                            .name("t")
                            .partitions(List.of(TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition.builder()
                                    .partitionIndex(partition)
                                    .committedOffset(offset)
                                    .build()))
                            .build()))
                    .build();
        }

        private static ClientContext client(int version) {
            return new ClientContext("c", "/1.1.1.1", (short) version);
        }

        private static ErrorCode error(TxnOffsetCommitResponse response) {
            return ErrorCode.forCode(
                    response.topics().getFirst().partitions().getFirst().errorCode());
        }

        private void answer(int argument) {
            if (!questions.isEmpty())
                questions.remove(argument % questions.size()).complete(ErrorCode.NONE);
        }

        private void decide(Producer producer, boolean commit) {
            if (producer.decision == null) producer.decision = commit;
        }

        /// The marker of a decided transaction comes; when it is written the next transaction begins.
        void deliver(int broker, Producer producer) {
            Boolean commit = producer.decision;
            if (commit == null) return;
            outcomes.put(producer.name(), commit);
            String transaction = producer.name();
            short markerEpoch = (short) (producer.epoch + (producer.version == 2 ? 1 : 0));
            EndMarker marker = new EndMarker(producer.id, markerEpoch, commit, 3, producer.version);
            var _ = cluster.coordinators.get(broker).endTransaction(0, marker).thenAccept(error -> {
                if (error == ErrorCode.NONE && transaction.equals(producer.name())) onWritten(producer, commit);
            });
        }

        private void onWritten(Producer producer, boolean commit) {
            if (commit) producer.taken.forEach((partition, offset) -> least.merge(partition, offset, Math::max));
            producer.taken.clear();
            producer.decision = null;
            producer.transaction++;
            if (producer.version == 2) producer.epoch++;
        }

        /// What the leader tells of each partition, if it tells now; checked in any case.
        Map<Integer, String> told(boolean requireStable) {
            OffsetFetchRequest request = OffsetFetchRequest.builder()
                    .requireStable(requireStable)
                    .groups(List.of(OffsetFetchRequest.OffsetFetchRequestGroup.builder()
                            .groupId("g")
                            .topics(List.of(OffsetFetchRequest.OffsetFetchRequestTopics.builder()
                                    .name("t")
                                    .partitionIndexes(List.of(0, 1))
                                    .build()))
                            .build()))
                    .build();
            Map<Integer, Long> known = new TreeMap<>(least);
            Map<Integer, String> told = new TreeMap<>();
            var answer = cluster.leader().offsetFetch(client(8), request);
            var _ = answer.thenAccept(response -> note(response, known, told));
            world.loop.settle();
            return told;
        }

        private void note(OffsetFetchResponse response, Map<Integer, Long> known, Map<Integer, String> told) {
            var group = response.groups().getFirst();
            if (group.errorCode() != 0) return;
            for (var partition : group.topics().getFirst().partitions()) {
                ErrorCode error = ErrorCode.forCode(partition.errorCode());
                long offset = partition.committedOffset();
                told.put(partition.partitionIndex(), error == ErrorCode.NONE ? Long.toString(offset) : error.name());
                if (error == ErrorCode.NONE) check(partition.partitionIndex(), offset, known);
            }
        }

        private void check(int partition, long offset, Map<Integer, Long> known) {
            Sent origin = sent.get(offset);
            boolean isLate = origin != null && origin.isLate;
            if (!isLate && offset < known.getOrDefault(partition, -1L))
                violations.add(partition + " is at " + offset + ", behind " + known + ", " + log);
            if (origin != null && !outcomes.getOrDefault(origin.transaction, false))
                violations.add(
                        partition + " is at " + offset + " of " + origin.transaction + ", which is not committed");
        }

        private final List<String> violations = new ArrayList<>();

        void checkThatItSettles() {
            cluster.everybodyHearsOfIt();
            while (!questions.isEmpty()) answer(0);
            cluster.settle();
            for (Producer producer : producers) {
                decide(producer, producer.id % 2 == 0);
                deliver(log.leader(), producer);
                cluster.settle();
                assertThat(producer.decision).as("its end is written").isNull();
            }
            assertThat(told(true)).hasSize(PARTITIONS).doesNotContainValue("UNSTABLE_OFFSET_COMMIT");
            assertThat(violations).isEmpty();
        }
    }
}
