package dev.tidemark.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Our batches and those of Apache Kafka's own classes are the same, both ways.
class BatchesEqualKafkasTest {
    private static final int BYTES_MAX = 64 << 20;

    @Property(tries = 60)
    void kafkaReadsWhatWeBuild(
            @ForAll long seed,
            @ForAll CompressionType type,
            @ForAll boolean transactional,
            @ForAll boolean appendTime) {
        List<Record> records = new RandomRecords(seed).list(7_000_000_000L);

        ByteBuffer built = build(records, Compression.of(type), transactional, appendTime);

        DefaultRecordBatch batch = onlyKafkaBatch(built);
        batch.ensureValid();
        BatchHeader ours = BatchHeader.of(built);
        assertThat(batch.isTransactional()).isEqualTo(transactional);
        assertThat(batch.timestampType())
                .isEqualTo(appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME);
        assertThat(kafkaRecords(batch)).isEqualTo(appendTime ? at(records, 5_000) : records);
        assertSameHeader(ours, batch);
    }

    @Property(tries = 60)
    void weReadWhatKafkaBuilds(
            @ForAll long seed,
            @ForAll CompressionType type,
            @ForAll boolean transactional,
            @ForAll boolean appendTime) {
        List<Record> records = new RandomRecords(seed).list(7_000_000_000L);

        ByteBuffer built = buildByKafka(records, type, transactional, appendTime);

        BatchHeader batch = BatchHeader.of(built);
        assertThat(batch.isCrcValid()).isTrue();
        assertThat(batch.sizeInBytes()).isEqualTo(built.remaining());
        assertThat(RecordReader.readAll(batch, BYTES_MAX)).isEqualTo(appendTime ? at(records, 5_000) : records);
        assertThat(RecordReader.readAll(direct(batch), BYTES_MAX)).isEqualTo(RecordReader.readAll(batch, BYTES_MAX));
        assertSameHeader(batch, onlyKafkaBatch(built));
    }

    @Property(tries = 60)
    void uncompressedBatchesAreTheSameBytes(
            @ForAll long seed, @ForAll boolean transactional, @ForAll boolean appendTime) {
        List<Record> records = new RandomRecords(seed).list(123);

        ByteBuffer ours = build(records, Compression.NONE, transactional, appendTime);

        assertThat(ours).isEqualTo(buildByKafka(records, CompressionType.NONE, transactional, appendTime));
    }

    @Property(tries = 30)
    void recompressionChangesOnlyTheCompression(
            @ForAll long seed, @ForAll CompressionType from, @ForAll CompressionType to) {
        List<Record> records = new RandomRecords(seed).list(0);
        ByteBuffer built = buildByKafka(records, from, false, false);

        ByteBuffer again = Recompression.of(BatchHeader.of(built), Compression.of(to), BYTES_MAX, BYTES_MAX);

        DefaultRecordBatch batch = onlyKafkaBatch(again);
        batch.ensureValid();
        assertThat(batch.compressionType().id).isEqualTo((byte) to.id());
        assertThat(kafkaRecords(batch)).isEqualTo(records);
    }

    @Property(tries = 30)
    void recordsCopiedThroughTheCursorStayAsTheyWere(@ForAll long seed, @ForAll CompressionType type) {
        List<Record> records = new RandomRecords(seed).list(40);
        ByteBuffer built = buildByKafka(records, type, false, false);
        RecordBatchBuilder copy = new RecordBatchBuilder(Compression.of(type)).baseOffset(40);

        try (RecordCursor cursor = new RecordCursor(BatchHeader.of(built), BYTES_MAX)) {
            while (cursor.next()) if (cursor.index() % 3 == 0) copy.add(cursor);
        }

        List<Record> kept =
                records.stream().filter(each -> (each.offset() - 40) % 3 == 0).toList();
        assertThat(kafkaRecords(onlyKafkaBatch(copy.build()))).isEqualTo(kept);
    }

    @Test
    void markersThatEndTransactionsAreTheSameBytes() {
        for (boolean commit : new boolean[] {true, false}) {
            ByteBuffer ours = new RecordBatchBuilder(Compression.NONE)
                    .baseOffset(90)
                    .leaderEpoch(4)
                    .producer(1001, 7, BatchHeader.NO_SEQUENCE)
                    .addEndTransactionMarker(1_000, commit, 33)
                    .build();

            org.apache.kafka.common.record.internal.ControlRecordType type = commit
                    ? org.apache.kafka.common.record.internal.ControlRecordType.COMMIT
                    : org.apache.kafka.common.record.internal.ControlRecordType.ABORT;
            ByteBuffer kafkas = org.apache.kafka.common.record.internal.MemoryRecords.withEndTransactionMarker(
                            90, 1_000, 4, 1001, (short) 7, new EndTransactionMarker(type, 33))
                    .buffer();
            assertThat(ours).isEqualTo(kafkas);
            Record marker = RecordReader.readAll(BatchHeader.of(kafkas), 100).getFirst();
            assertThat(ControlRecordType.ofKey(marker.key().asByteBuffer()))
                    .isEqualTo(commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT);
        }
    }

    @Test
    void deleteHorizonTakesThePlaceOfTheBaseTimestamp() {
        ByteBuffer built = new RecordBatchBuilder(Compression.NONE)
                .deleteHorizon(9_999)
                .add(5_000, Bytes.utf8("k"), null)
                .build();

        DefaultRecordBatch kafkas = onlyKafkaBatch(built);
        kafkas.ensureValid();
        assertThat(kafkas.deleteHorizonMs()).hasValue(9_999);
        assertThat(kafkas.iterator().next().timestamp()).isEqualTo(5_000);
        assertThat(RecordReader.readAll(BatchHeader.of(built), 100).getFirst().timestamp())
                .isEqualTo(5_000);
    }

    @Test
    void batchesFollowEachOtherAndACutOneIsLeftOut() {
        ByteBuffer one = build(new RandomRecords(1).list(0), Compression.NONE, false, false);
        ByteBuffer other = build(new RandomRecords(2).list(500), Compression.NONE, false, false);
        ByteBuffer both = ByteBuffer.allocate(one.remaining() + other.remaining());
        both.put(one.duplicate()).put(other.duplicate()).flip();

        assertThat(new MemoryRecords(both).batches())
                .hasSize(2)
                .last()
                .satisfies(batch -> assertThat(batch.baseOffset()).isEqualTo(500));
        assertThat(new MemoryRecords(both.slice(0, both.limit() - 1)).batches()).hasSize(1);
    }

    private static ByteBuffer build(
            List<Record> records, Compression compression, boolean transactional, boolean appendTime) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression)
                .baseOffset(records.getFirst().offset())
                .leaderEpoch(12)
                .producer(77, 3, 2_000_000_000);
        if (transactional) builder.transactional();
        if (appendTime) builder.logAppendTime(5_000);
        for (Record each : records) builder.add(each.timestamp(), each.key(), each.value(), each.headers());
        return builder.build();
    }

    private static ByteBuffer buildByKafka(
            List<Record> records, CompressionType type, boolean transactional, boolean appendTime) {
        MemoryRecordsBuilder builder = org.apache.kafka.common.record.internal.MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                RecordBatch.MAGIC_VALUE_V2,
                org.apache.kafka.common.compress.Compression.of(type.configName())
                        .build(),
                appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
                records.getFirst().offset(),
                appendTime ? 5_000 : RecordBatch.NO_TIMESTAMP,
                77,
                (short) 3,
                2_000_000_000,
                transactional,
                12);
        for (Record each : records)
            builder.append(each.timestamp(), array(each.key()), array(each.value()), headers(each));
        return builder.build().buffer();
    }

    private static byte @Nullable [] array(@Nullable Bytes bytes) {
        return bytes == null ? null : bytes.toByteArray();
    }

    private static Header[] headers(Record each) {
        return each.headers().stream()
                .map(header -> new RecordHeader(header.key(), array(header.value())))
                .toArray(Header[]::new);
    }

    private static DefaultRecordBatch onlyKafkaBatch(ByteBuffer buffer) {
        return (DefaultRecordBatch)
                org.apache.kafka.common.record.internal.MemoryRecords.readableRecords(buffer.duplicate())
                        .batches()
                        .iterator()
                        .next();
    }

    private static List<Record> kafkaRecords(DefaultRecordBatch batch) {
        List<Record> records = new ArrayList<>();
        for (org.apache.kafka.common.record.internal.Record each : batch) {
            List<Record.Header> headers = new ArrayList<>();
            for (Header header : each.headers()) headers.add(new Record.Header(header.key(), bytes(header.value())));
            records.add(new Record(each.offset(), each.timestamp(), bytes(each.key()), bytes(each.value()), headers));
        }
        return records;
    }

    private static @Nullable Bytes bytes(byte @Nullable [] array) {
        return array == null ? null : Bytes.wrap(array);
    }

    private static @Nullable Bytes bytes(@Nullable ByteBuffer buffer) {
        return buffer == null ? null : Bytes.copyOf(buffer);
    }

    private static List<Record> at(List<Record> records, long timestamp) {
        return records.stream()
                .map(each -> new Record(each.offset(), timestamp, each.key(), each.value(), each.headers()))
                .toList();
    }

    private static BatchHeader direct(BatchHeader batch) {
        ByteBuffer memory = ByteBuffer.allocateDirect(batch.sizeInBytes() + 11).position(11);
        memory.put(11, batch.buffer(), batch.position(), batch.sizeInBytes());
        return BatchHeader.of(memory);
    }

    private static void assertSameHeader(BatchHeader ours, DefaultRecordBatch kafkas) {
        assertThat(ours.baseOffset()).isEqualTo(kafkas.baseOffset());
        assertThat(ours.lastOffset()).isEqualTo(kafkas.lastOffset());
        assertThat(ours.leaderEpoch()).isEqualTo(kafkas.partitionLeaderEpoch());
        assertThat(ours.maxTimestamp()).isEqualTo(kafkas.maxTimestamp());
        assertThat(ours.baseTimestamp()).isEqualTo(kafkas.baseTimestamp());
        assertThat(ours.producerId()).isEqualTo(kafkas.producerId());
        assertThat(ours.producerEpoch()).isEqualTo(kafkas.producerEpoch());
        assertThat(ours.baseSequence()).isEqualTo(kafkas.baseSequence());
        assertThat(ours.lastSequence()).isEqualTo(kafkas.lastSequence());
        assertThat(ours.recordCount()).isEqualTo(kafkas.countOrNull());
        assertThat(ours.sizeInBytes()).isEqualTo(kafkas.sizeInBytes());
        assertThat(ours.isControl()).isEqualTo(kafkas.isControlBatch());
        assertThat(ours.compressionId()).isEqualTo((int) kafkas.compressionType().id);
    }
}
