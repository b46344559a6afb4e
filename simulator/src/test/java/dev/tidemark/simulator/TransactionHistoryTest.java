package dev.tidemark.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Uuid;
import dev.tidemark.simulator.check.PartitionKey;
import dev.tidemark.simulator.check.TransactionHistory;
import dev.tidemark.simulator.check.TransactionHistory.Identity;
import dev.tidemark.simulator.check.TransactionHistory.Transaction;
import dev.tidemark.simulator.world.Findings;
import dev.tidemark.simulator.world.World;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the checks of transactions say of histories that are good and bad.
class TransactionHistoryTest {
    private static final PartitionKey OUTPUT = new PartitionKey(Uuid.ZERO, "output", 0);
    private static final Identity WRITER = new Identity(1, (short) 0);

    private final World world = new World(1);
    private final TransactionHistory history = new TransactionHistory(world.findings());
    private long end;

    /// One that has written `value` and is committed, and whose record was read.
    private Transaction committed(String value, long number) {
        Transaction transaction = history.onBegin("of " + value);
        history.onSend(transaction, OUTPUT, "key", value, number);
        history.onAcked(transaction, value, WRITER, WRITER);
        history.onCommitSent(transaction);
        history.onCommitted(transaction, WRITER, WRITER);
        history.onRead(OUTPUT, end++, value);
        return transaction;
    }

    private List<String> violated() {
        return world.findings().all().stream().map(Findings.Finding::invariant).toList();
    }

    @Test
    void thoseThatReadOneAfterTheOtherAreGood() {
        committed("a", TransactionHistory.NO_NUMBER);
        Transaction second = committed("b", TransactionHistory.NO_NUMBER);
        Transaction third = committed("c", TransactionHistory.NO_NUMBER);
        history.onObserved(second, "a");
        history.onObserved(third, "a");
        history.onObserved(third, "b");

        history.check();

        assertThat(violated()).isEmpty();
    }

    @Test
    void thoseThatReadEachOtherAlongAWayAreFound() {
        Transaction first = committed("a", TransactionHistory.NO_NUMBER);
        Transaction second = committed("b", TransactionHistory.NO_NUMBER);
        Transaction third = committed("c", TransactionHistory.NO_NUMBER);
        history.onObserved(second, "a");
        history.onObserved(third, "b");
        history.onObserved(first, "c");

        history.check();

        assertThat(violated()).containsExactly("no-write-read-cycle");
    }

    @Test
    void anInputWithAllOfItsOutputIsGood() {
        committed("a", 0);
        committed("b", 1);

        history.checkOutputs(2);

        assertThat(violated()).isEmpty();
    }

    @Test
    void offsetsWithoutOutputAreFound() {
        committed("a", 0);

        history.checkOutputs(2);

        assertThat(violated()).containsExactly("eos-exactly-once");
    }

    @Test
    void outputWithoutOffsetsIsFound() {
        committed("a", 0);
        committed("b", 1);

        history.checkOutputs(1);

        assertThat(violated()).containsExactly("eos-exactly-once");
    }

    @Test
    void theNewestOfAKeyIsEnough() {
        committed("a", TransactionHistory.NO_NUMBER);
        committed("b", TransactionHistory.NO_NUMBER);

        history.checkKept(Set.of("b"));

        assertThat(violated()).isEmpty();
    }

    @Test
    void aKeyWithoutItsNewestValueIsFound() {
        committed("a", TransactionHistory.NO_NUMBER);
        committed("b", TransactionHistory.NO_NUMBER);

        history.checkKept(Set.of("a"));

        assertThat(violated()).containsExactly("no-newest-value-lost");
    }

    @Test
    void outputThatIsThereTwiceIsFound() {
        committed("a", 0);
        committed("b", 0);

        assertThat(violated()).containsExactly("eos-exactly-once");
    }
}
