package dev.tidemark.dist.cli.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.TopicPartition;
import dev.tidemark.client.OffsetAndMetadata;
import dev.tidemark.client.consumer.ConsumerRecord;
import dev.tidemark.protocol.record.Record;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecordPrinterTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 3);

    private static ConsumerRecord record(long offset, @Nullable Bytes key, @Nullable Bytes value) {
        return new ConsumerRecord(
                PARTITION, offset, 0, 99, key, value, List.of(new Record.Header("h", Bytes.utf8("x"))));
    }

    private static String print(RecordPrinter printer, ConsumerRecord record) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        printer.print(record, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void formatsAsKcatDoes() {
        RecordPrinter printer = RecordPrinter.Format.parse("%t/%p@%o %T %K:%k %S:%s [%h] 100%%\\t\\n");

        assertThat(print(printer, record(7, Bytes.utf8("key"), null))).isEqualTo("t/3@7 99 3:key -1: [h=x] 100%\t\n");
    }

    @Test
    void envelopesKeepBytesThatAreNoText() {
        ConsumerRecord record = record(7, Bytes.wrap(new byte[] {(byte) 0xff}), Bytes.utf8("v\"w"));

        assertThat(print(new RecordPrinter.Envelope(), record))
                .isEqualTo("{\"topic\":\"t\",\"partition\":3,\"offset\":7,\"timestamp\":99,\"keyBase64\":\"/w==\","
                        + "\"value\":\"v\\\"w\",\"headers\":[[\"h\",\"x\"]]}\n");
    }

    @Test
    void readingEndsBehindTheLastRecordOfTheTime() {
        Ends ends = Ends.at(Map.of(PARTITION, 8L));

        assertThat(ends.accepts(record(6, null, null))).isTrue();
        assertThat(ends.isReached()).isFalse();
        assertThat(ends.accepts(record(7, null, null))).isTrue();
        assertThat(ends.isReached()).isTrue();
        assertThat(ends.accepts(record(8, null, null))).as("came later").isFalse();
    }

    @Test
    void gapsAtTheEndArePassedByPosition() {
        Ends ends = Ends.at(Map.of(PARTITION, 8L));

        ends.passed(Map.of(PARTITION, OffsetAndMetadata.of(8)));

        assertThat(ends.isReached()).isTrue();
        assertThat(Ends.never().isReached()).isFalse();
    }
}
