package dev.tidemark.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.coordinator.runtime.ReplicatedLog;
import dev.tidemark.coordinator.runtime.SimulatedLoop;
import dev.tidemark.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Three brokers that hold one partition of the transaction topic. One of them was replaced as the leader and has not
/// heard of it: a partition's leader that has not either asks it whether a transaction is open.
class ReplacedCoordinatorTest {
    private static final String ID = "id";
    private static final long PRODUCER = 100;
    private static final short EPOCH = 0;
    private static final short CLIENT_VERSION = 1;
    private static final int BROKERS = 3;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final SimulatedLoop loop = new SimulatedLoop();
    private final ReplicatedLog log = new ReplicatedLog(BROKERS);
    private final List<TransactionCoordinator> coordinators = new ArrayList<>();

    ReplacedCoordinatorTest() {
        for (int i = 0; i < BROKERS; i++)
            coordinators.add(new TransactionCoordinator(
                    TransactionConfig::defaults, () -> 1, _ -> loop, loop::run, (_, _, _, _) -> {}));
    }

    private void elect(int broker) {
        int epoch = log.elect(broker);
        coordinators.get(broker).onElected(0, epoch, log.of(broker));
        settle();
    }

    private void settle() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < BROKERS; i++) log.fetch(i, 100);
            loop.settle();
        }
    }

    private CompletableFuture<TransactionReply> ask(int broker, TransactionInput input) {
        var answer = coordinators.get(broker).submit(ID, input);
        settle();
        return answer;
    }

    private CompletableFuture<TransactionReply> verify(int broker) {
        return ask(broker, new TransactionInput.VerifyPartitions(PRODUCER, EPOCH, partitions()));
    }

    private static SortedSet<TopicPartition> partitions() {
        return new TreeSet<>(List.of(PARTITION));
    }

    private static TransactionReply is(ErrorCode error) {
        SortedMap<TopicPartition, ErrorCode> errors = new TreeMap<>();
        errors.put(PARTITION, error);
        return new TransactionReply.Partitions(errors);
    }

    private void begin(int broker) {
        var _ = ask(broker, new TransactionInput.InitProducerId(60_000, -1, (short) -1, false, false, PRODUCER));
        var added = ask(broker, new TransactionInput.AddPartitions(PRODUCER, EPOCH, partitions(), CLIENT_VERSION));
        assertThat(added.join()).isEqualTo(is(ErrorCode.NONE));
    }

    @Test
    void whoLeadsSaysWhatIsOpen() {
        elect(0);
        begin(0);

        assertThat(verify(0)).isCompletedWithValue(is(ErrorCode.NONE));
    }

    @Test
    void whoWasReplacedDoesNotCallOpenWhatItsSuccessorHasEnded() {
        elect(0);
        begin(0);
        elect(1);
        var _ = ask(1, new TransactionInput.End(PRODUCER, EPOCH, false, CLIENT_VERSION, -1));
        var _ = ask(1, new TransactionInput.MarkersWritten(PRODUCER, EPOCH, partitions()));
        assertThat(verify(1)).isCompletedWithValue(is(ErrorCode.TRANSACTION_ABORTABLE));

        var answer = verify(0);

        assertThat(answer).isNotDone();
        log.resign(0);
        assertThat(answer).isCompletedWithValue(new TransactionReply.Failed(ErrorCode.NOT_COORDINATOR));
    }
}
