package dev.tidemark.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.message.FetchResponse.AbortedTransaction;
import dev.tidemark.protocol.record.Compression;
import dev.tidemark.protocol.record.CompressionType;
import dev.tidemark.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FetchedRecordsTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private static ByteBuffer concat(ByteBuffer... batches) {
        ByteBuffer all = ByteBuffer.allocate(10_000);
        for (ByteBuffer batch : batches) all.put(batch);
        return all.flip();
    }

    private static ByteBuffer batch(long baseOffset, CompressionType compression, String... values) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.of(compression)).baseOffset(baseOffset);
        for (String value : values) builder.add(1, null, Bytes.utf8(value));
        return builder.build();
    }

    private static ByteBuffer transactional(long baseOffset, long producerId, String value) {
        return new RecordBatchBuilder(Compression.NONE)
                .baseOffset(baseOffset)
                .producer(producerId, 0, 0)
                .transactional()
                .add(1, null, Bytes.utf8(value))
                .build();
    }

    private static ByteBuffer marker(long baseOffset, long producerId, boolean isCommit) {
        return new RecordBatchBuilder(Compression.NONE)
                .baseOffset(baseOffset)
                .producer(producerId, 0, -1)
                .addEndTransactionMarker(1, isCommit, 0)
                .build();
    }

    private static List<String> values(List<ConsumerRecord> records) {
        List<String> values = new ArrayList<>();
        for (ConsumerRecord record : records) {
            Bytes value = record.value();
            values.add(record.offset() + "=" + (value == null ? "" : value.toUtf8()));
        }
        return values;
    }

    @Test
    void beginsWithinABatchAndStopsWhereItIsTold() {
        ByteBuffer bytes = concat(batch(10, CompressionType.LZ4, "a", "b", "c"), batch(13, CompressionType.NONE, "d"));
        FetchedRecords fetched = new FetchedRecords(PARTITION, 1, 11, bytes, List.of());
        List<ConsumerRecord> taken = new ArrayList<>();

        assertThat(fetched.take(2, taken)).isTrue();

        assertThat(values(taken)).containsExactly("11=b", "12=c");
        assertThat(fetched.nextOffset()).isEqualTo(13);
        assertThat(fetched.take(5, taken)).isFalse();
        assertThat(values(taken)).containsExactly("11=b", "12=c", "13=d");
    }

    @Test
    void leavesOutWhatWasAborted() {
        ByteBuffer bytes = concat(
                transactional(0, 1, "aborted"),
                transactional(1, 2, "kept"),
                marker(2, 1, false),
                transactional(3, 1, "kept later"),
                marker(4, 2, true));
        AbortedTransaction aborted =
                AbortedTransaction.builder().producerId(1).firstOffset(0).build();
        FetchedRecords fetched = new FetchedRecords(PARTITION, 1, 0, bytes, List.of(aborted));
        List<ConsumerRecord> taken = new ArrayList<>();

        assertThat(fetched.take(10, taken)).isFalse();

        assertThat(values(taken)).containsExactly("1=kept", "3=kept later");
        assertThat(fetched.nextOffset()).isEqualTo(5);
    }

    @Test
    void aDamagedBatchIsToldByItsOffset() {
        ByteBuffer bytes = batch(7, CompressionType.NONE, "a");
        bytes.put(bytes.limit() - 1, (byte) (bytes.get(bytes.limit() - 1) ^ 1));
        FetchedRecords fetched = new FetchedRecords(PARTITION, 1, 7, bytes, List.of());

        assertThatThrownBy(() -> fetched.take(1, new ArrayList<>()))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("offset 7");
        assertThat(fetched.nextOffset()).isEqualTo(7);
    }
}
