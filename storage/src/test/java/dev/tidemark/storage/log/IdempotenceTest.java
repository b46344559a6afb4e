package dev.tidemark.storage.log;

import static dev.tidemark.storage.TestBatches.NOW_MS;
import static dev.tidemark.storage.TestBatches.append;
import static dev.tidemark.storage.TestBatches.batch;
import static dev.tidemark.storage.TestBatches.fromProducer;
import static dev.tidemark.storage.TestBatches.marker;
import static dev.tidemark.storage.TestBatches.read;
import static dev.tidemark.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.storage.TestWorld;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class IdempotenceTest {
    private final TestWorld world = new TestWorld();

    private static void assertRefused(AppendResult result, ErrorCode error) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        rejected -> assertThat(rejected.error()).isEqualTo(error));
    }

    private static void assertAppended(AppendResult result) {
        assertThat(result).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void answersTheLastFiveBatchesWithTheirOffsets() throws IOException {
        PartitionLog log = world.log();
        for (int i = 0; i < 8; i++) append(log, fromProducer(5, 0, 2 * i, "a" + i, "b" + i));

        for (int i = 3; i < 8; i++) {
            assertThat(append(log, fromProducer(5, 0, 2 * i, "a" + i, "b" + i)))
                    .isEqualTo(new AppendResult.Duplicate(2L * i, 2L * i + 1, -1, 0));
        }
        assertRefused(append(log, fromProducer(5, 0, 4, "a2", "b2")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(log.snapshot().logEndOffset()).isEqualTo(16);
    }

    @Test
    void refusesGapsOldEpochsAndNewEpochsThatDoNotBeginAtZero() throws IOException {
        PartitionLog log = world.log();
        assertAppended(append(log, fromProducer(5, 3, 0, "a")));

        assertRefused(append(log, fromProducer(5, 3, 2, "c")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(append(log, fromProducer(5, 2, 1, "b")), ErrorCode.INVALID_PRODUCER_EPOCH);
        assertRefused(append(log, fromProducer(5, 4, 1, "b")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertAppended(append(log, fromProducer(5, 4, 0, "b")));
        assertRefused(append(log, fromProducer(5, 3, 1, "b")), ErrorCode.INVALID_PRODUCER_EPOCH);
    }

    /// Step by step: a producer's first batch comes to a leader that does not lead yet, and is refused; the next one,
    /// sent before that was known, comes when it does. Then the first is sent again.
    @Test
    void aProducerThatHasNeverWrittenBeginsAtZero() throws IOException {
        PartitionLog log = world.log();
        assertAppended(append(log, fromProducer(6, 0, 0, "another's")));

        AppendResult second = append(log, fromProducer(5, 0, 1, "b"));

        assertRefused(second, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertAppended(append(log, fromProducer(5, 0, 0, "a")));
        assertAppended(append(log, fromProducer(5, 0, 1, "b")));
    }

    @Test
    void aProducerThatMayBeForgottenBeginsAnywhere() throws IOException {
        PartitionLog log = world.log();
        assertAppended(append(log, fromProducer(6, 0, 0, "another's")));
        log = world.reopen(); // from a snapshot, which tells nothing of the forgotten

        assertAppended(append(log, fromProducer(5, 0, 7, "h")));
    }

    @Test
    void sequencesWrap() throws IOException {
        PartitionLog log = world.log();
        log.truncateFullyAndStartAt(10); // Who wrote before that is not known.
        assertAppended(append(log, fromProducer(5, 0, Integer.MAX_VALUE - 1, "a", "b", "c")));
        assertThat(append(log, fromProducer(5, 0, Integer.MAX_VALUE - 1, "a", "b", "c")))
                .isInstanceOf(AppendResult.Duplicate.class);

        assertRefused(append(log, fromProducer(5, 0, 2, "e")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertAppended(append(log, fromProducer(5, 0, 1, "d")));
        assertAppended(append(log, fromProducer(5, 0, 2, "e")));
        assertAppended(append(log, fromProducer(6, 0, Integer.MAX_VALUE, "a")));
        assertAppended(append(log, fromProducer(6, 0, 0, "b")));
    }

    /// A client takes the answer that a batch is there already for an acknowledgement.
    @Test
    void sequencesThatWrapBehindASnapshotAreNotTakenForOldOnes() throws IOException {
        PartitionLog log = world.log();
        log.truncateFullyAndStartAt(10);
        assertAppended(append(log, fromProducer(5, 0, Integer.MAX_VALUE - 1, "a")));
        assertAppended(append(log, fromProducer(5, 0, Integer.MAX_VALUE, "b")));

        log = world.reopen(); // The snapshot tells of the second one only.

        assertRefused(append(log, fromProducer(5, 0, Integer.MAX_VALUE - 1, "a")), ErrorCode.DUPLICATE_SEQUENCE_NUMBER);
        assertRefused(append(log, fromProducer(5, 0, 1, "d")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertAppended(append(log, fromProducer(5, 0, 0, "c")));
        assertAppended(append(log, fromProducer(5, 0, 1, "d")));
    }

    @Test
    void remembersAfterAStopAKillAndARoll() throws IOException {
        world.config = LogConfig.builder().segmentBytes(400).build();
        PartitionLog log = world.log();
        for (int i = 0; i < 10; i++) append(log, fromProducer(5, 0, i, "value"));

        log = world.reopen();
        assertThat(append(log, fromProducer(5, 0, 9, "value"))).isEqualTo(new AppendResult.Duplicate(9, 9, -1, 0));
        assertAppended(append(log, fromProducer(5, 0, 10, "value")));
        log = world.killAndReopen();
        assertThat(append(log, fromProducer(5, 0, 10, "value"))).isEqualTo(new AppendResult.Duplicate(10, 10, -1, 0));
        world.truncate(log, 10);
        assertRefused(append(log, fromProducer(5, 0, 11, "value")), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertAppended(append(log, fromProducer(5, 0, 10, "value")));
    }

    @Test
    void forgetsProducersThatStayAway() throws IOException {
        world.config = LogConfig.builder().producerIdExpirationMs(1000).build();
        PartitionLog log = world.log();
        append(log, fromProducer(5, 0, 0, "a"));

        assertThat(log.activeProducers(NOW_MS + 999)).hasSize(1);
        assertThat(log.activeProducers(NOW_MS + 2000)).isEmpty();
        assertAppended(append(log, fromProducer(5, 0, 7, "b")));
    }

    @Test
    void holdsBackOpenTransactionsAndKnowsTheAbortedOnes() throws IOException {
        PartitionLog log = world.log();
        append(log, batch("plain"));
        append(log, transactional(5, 0, 0, "a"));
        append(log, transactional(6, 0, 0, "b"));
        log.onHighWatermark(3);
        assertThat(log.lastStableOffset()).isEqualTo(1);

        log.appendAsLeader(marker(5, 0, false, 1), 0, AppendOrigin.COORDINATOR, NOW_MS);
        log.onHighWatermark(3);
        assertThat(log.lastStableOffset()).isEqualTo(1);
        log.onHighWatermark(4);
        assertThat(log.lastStableOffset()).isEqualTo(2);
        log.appendAsLeader(marker(6, 0, true, 1), 0, AppendOrigin.COORDINATOR, NOW_MS);
        log.onHighWatermark(5);
        assertThat(log.lastStableOffset()).isEqualTo(5);

        for (PartitionLog each : new PartitionLog[] {log, world.killAndReopen(), world.reopen()}) {
            assertThat(each.snapshot().abortedTransactions(0, 5)).containsExactly(new AbortedTransaction(5, 1, 3, 2));
            assertThat(each.snapshot().abortedTransactions(4, 5)).isEmpty();
            assertThat(each.activeProducers(NOW_MS))
                    .extracting(ProducerView::coordinatorEpoch)
                    .containsOnly(1);
        }
        assertRefused(
                world.log().appendAsLeader(marker(5, 0, true, 0), 0, AppendOrigin.COORDINATOR, NOW_MS),
                ErrorCode.TRANSACTION_COORDINATOR_FENCED);
    }

    @Test
    void openTransactionsSurviveAStopAndAKill() throws IOException {
        PartitionLog log = world.log();
        append(log, transactional(5, 0, 0, "a"));
        append(log, batch("plain"));
        log.onHighWatermark(2);

        log = world.reopen();
        log.onHighWatermark(2);
        assertThat(log.lastStableOffset()).isZero();
        assertRefused(append(log, fromProducer(5, 0, 1, "outside")), ErrorCode.INVALID_TXN_STATE);
        log = world.killAndReopen();
        log.onHighWatermark(2);
        assertThat(log.lastStableOffset()).isZero();
        assertThat(read(log, 0)).hasSize(2);
    }
}
