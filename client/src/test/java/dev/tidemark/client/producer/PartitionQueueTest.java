package dev.tidemark.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.record.Compression;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class PartitionQueueTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private final PartitionQueue queue = new PartitionQueue(PARTITION);
    private long clockMs;

    private Batch closed(int records) {
        Batch batch = new Batch(PARTITION, Compression.NONE, clockMs++);
        for (int i = 0; i < records; i++)
            batch.add(new Batch.Sent(ProducerRecord.of("t", "k", "v"), 0, 0, new CompletableFuture<>()));
        queue.open(batch);
        queue.closeOpen();
        return batch;
    }

    @Test
    void sequencesCountRecords() {
        Batch first = closed(3);
        Batch second = closed(2);

        assertThat(queue.takeNext(10, true)).isSameAs(first);
        assertThat(queue.takeNext(10, true)).isSameAs(second);

        assertThat(first.baseSequence).isZero();
        assertThat(second.baseSequence).isEqualTo(3);
        assertThat(queue.takeNext(10, true)).isNull();
    }

    @Test
    void aRetriedBatchGoesAloneAndFirst() {
        Batch first = closed(1);
        Batch second = closed(1);
        Batch third = closed(1);
        queue.takeNext(10, true);
        queue.takeNext(10, true);

        queue.retryLater(first, 100);

        assertThat(queue.takeNext(50, true)).as("before its time").isNull();
        assertThat(queue.hasUnsettledBefore(second)).isTrue();
        assertThat(queue.takeNext(100, true))
                .as("while the second is under way")
                .isNull();
        queue.retryLater(second, 100);
        assertThat(queue.takeNext(100, true)).isSameAs(first);
        assertThat(queue.takeNext(100, true))
                .as("while the first is tried again")
                .isNull();
        queue.done(first);
        assertThat(queue.takeNext(100, true)).isSameAs(second);
        queue.done(second);
        assertThat(queue.takeNext(100, true)).isSameAs(third);
    }

    @Test
    void retriedBatchesKeepTheirOrderWhicheverFailsFirst() {
        Batch first = closed(1);
        Batch second = closed(1);
        queue.takeNext(10, true);
        queue.takeNext(10, true);

        queue.retryLater(second, 20);
        queue.retryLater(first, 20);

        assertThat(queue.takeNext(20, true)).isSameAs(first);
    }

    @Test
    void aLingeringBatchTakesRecordsUntilItIsSent() {
        Batch open = new Batch(PARTITION, Compression.NONE, 0);
        queue.open(open);
        assertThat(queue.takeNext(10, true)).isNull();

        queue.openIsDue(open);

        assertThat(queue.hasSomethingToSend()).isTrue();
        assertThat(queue.open()).isSameAs(open);
        assertThat(queue.takeNext(10, true)).isSameAs(open);
        assertThat(queue.open()).isNull();
    }

    @Test
    void aNewEpochBeginsTheNumbersAnew() {
        Batch first = closed(4);
        queue.takeNext(10, true);
        queue.retryLater(first, 20);

        queue.resetSequences();

        assertThat(queue.takeNext(20, true)).isSameAs(first);
        assertThat(first.baseSequence).isZero();
        assertThat(first.isSequenceReset).isTrue();
    }
}
