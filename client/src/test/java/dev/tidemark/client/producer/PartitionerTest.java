package dev.tidemark.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PartitionerTest {
    /// The values that Kafka's own tests hold.
    @ParameterizedTest
    @CsvSource({
        "21, -973932308",
        "foobar, -790332482",
        "a-little-bit-long-string, -985981536",
        "a-little-bit-longer-string, -1486304829",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
        "abc, 479470107"
    })
    void hashesAsKafkaDoes(String text, int hash) {
        assertThat(Murmur2.hash(Bytes.utf8(text).asByteBuffer())).isEqualTo(hash);
    }

    @Test
    void keysDecideWhereThereAreAny() {
        StickyPartitioner partitioner = new StickyPartitioner(new SplittableRandom(1));
        ProducerRecord record = ProducerRecord.of("t", "foobar", "v");

        int first = partitioner.partition(record, 10);
        partitioner.onBatchClosed("t");

        assertThat(partitioner.partition(record, 10)).isEqualTo(first).isEqualTo((-790332482 & 0x7fffffff) % 10);
    }

    @Test
    void othersStayUntilTheBatchIsFull() {
        StickyPartitioner partitioner = new StickyPartitioner(new SplittableRandom(1));
        ProducerRecord record = ProducerRecord.of("t", (String) null, "v");
        int first = partitioner.partition(record, 1000);
        assertThat(partitioner.partition(record, 1000)).isEqualTo(first);

        partitioner.onBatchClosed("t");

        assertThat(partitioner.partition(record, 1000)).isNotEqualTo(first);
    }
}
