package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.Crc32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Record batches that are wrong, and produce requests around them. Nothing of it may reach the log.
@ExtendWith(Victim.Shared.class)
final class ProducesTest {
    private static final int VERSION = 9;
    private static final String TOPIC = "bad-batches";
    private static final String RECOMPRESSED = "bad-batches-recompressed";
    private static final String COMPACTED = "bad-batches-compacted";
    private static final long RESIDENT_GROWTH_MAX = 250L << 20;

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int SEQUENCE_AT = 53;
    private static final int COUNT_AT = 57;
    private static final int RECORDS_AT = 61;

    private static final Set<Errors> REFUSALS = Set.of(
            Errors.CORRUPT_MESSAGE,
            Errors.INVALID_RECORD,
            Errors.INVALID_TIMESTAMP,
            Errors.UNSUPPORTED_COMPRESSION_TYPE,
            Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
            Errors.INVALID_REQUEST,
            Errors.MESSAGE_TOO_LARGE,
            Errors.RECORD_LIST_TOO_LARGE,
            Errors.INVALID_TXN_STATE,
            Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
            Errors.INVALID_PRODUCER_EPOCH,
            Errors.UNKNOWN_PRODUCER_ID);

    private final Victim victim;

    ProducesTest(Victim victim) {
        this.victim = victim;
    }

    @BeforeEach
    void topicsExist() throws Exception {
        if (victim.admin().listTopics().names().get().contains(RECOMPRESSED)) return;
        victim.admin()
                .createTopics(List.of(
                        new NewTopic(TOPIC, 1, (short) 1),
                        new NewTopic(COMPACTED, 1, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                        new NewTopic(RECOMPRESSED, 1, (short) 1).configs(Map.of("compression.type", "lz4"))))
                .all()
                .get();
    }

    // --- by hand

    private static ByteBuffer batch(int records) {
        SimpleRecord[] all = new SimpleRecord[records];
        for (int i = 0; i < records; i++)
            all[i] = new SimpleRecord(
                    1_700_000_000_000L, ("value " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        ByteBuffer buffer = MemoryRecords.withRecords(Compression.NONE, all).buffer();
        return ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
    }

    private static void fixCrc(ByteBuffer batch) {
        batch.putInt(CRC_AT, (int) Crc32C.compute(batch, ATTRIBUTES_AT, batch.limit() - ATTRIBUTES_AT));
    }

    private static ProduceRequestData request(String topic, int acks, int timeoutMs, ByteBuffer records) {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName(topic)
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(records == null ? null : MemoryRecords.readableRecords(records)))));
        return new ProduceRequestData()
                .setAcks((short) acks)
                .setTimeoutMs(timeoutMs)
                .setTopicData(topics);
    }

    private Errors produce(ProduceRequestData request) throws IOException {
        ProduceResponse response = Rows.ask(victim, ApiKeys.PRODUCE, VERSION, request, ProduceResponse.class);
        ProduceResponseData.PartitionProduceResponse partition = response.data()
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .getFirst();
        return Errors.forCode(partition.errorCode());
    }

    private long end(String topic) throws ExecutionException, InterruptedException {
        TopicPartition partition = new TopicPartition(topic, 0);
        ListOffsetsResult ends = victim.admin().listOffsets(Map.of(partition, OffsetSpec.latest()));
        return ends.partitionResult(partition).get().offset();
    }

    private void refused(String what, ByteBuffer batch) throws Exception {
        long before = end(TOPIC);
        assertThat(produce(request(TOPIC, -1, 5_000, batch))).as(what).isIn(REFUSALS);
        assertThat(end(TOPIC)).as(what).isEqualTo(before);
    }

    private void refusedWithCrc(String what, int records, Consumer<ByteBuffer> change) throws Exception {
        ByteBuffer batch = batch(records);
        change.accept(batch);
        fixCrc(batch);
        refused(what, batch);
    }

    // --- rows

    @Test
    void goodBatchesAreTaken() throws Exception {
        long before = end(TOPIC);
        assertThat(produce(request(TOPIC, -1, 5_000, batch(3)))).isEqualTo(Errors.NONE);
        assertThat(end(TOPIC)).isEqualTo(before + 3);
    }

    @Test
    void lengthsAndChecksums() throws Exception {
        for (int wrong : new int[] {-1, 0, 1, 48, 49, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            ByteBuffer batch = batch(2);
            batch.putInt(LENGTH_AT, wrong);
            refused("length " + wrong, batch);
        }
        for (int delta : new int[] {-1, 1}) {
            ByteBuffer batch = batch(2);
            batch.putInt(LENGTH_AT, batch.getInt(LENGTH_AT) + delta);
            refused("length by " + delta, batch);
        }
        ByteBuffer crc = batch(2);
        crc.putInt(CRC_AT, crc.getInt(CRC_AT) + 1);
        refused("crc", crc);
        ByteBuffer content = batch(2);
        content.put(content.limit() - 1, (byte) (content.get(content.limit() - 1) ^ 1));
        refused("content", content);
        refused("half a header", batch(2).limit(30));
        refused("nothing behind the header", batch(2).limit(RECORDS_AT));
    }

    @Test
    void magicsCodecsAndAttributes() throws Exception {
        for (int magic : new int[] {0, 1, 3, 127, -1}) {
            refusedWithCrc("magic " + magic, 2, batch -> batch.put(MAGIC_AT, (byte) magic));
        }
        for (int codec : new int[] {5, 6, 7}) {
            refusedWithCrc("codec " + codec, 2, batch -> batch.putShort(ATTRIBUTES_AT, (short) codec));
        }
        refusedWithCrc("control", 2, batch -> batch.putShort(ATTRIBUTES_AT, (short) 0x20));
        refusedWithCrc("transactional without a producer", 2, batch -> batch.putShort(ATTRIBUTES_AT, (short) 0x10));
    }

    @Test
    void countsAndDeltas() throws Exception {
        for (int count : new int[] {-1, 0, 1, 3, 1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refusedWithCrc("count " + count, 2, batch -> batch.putInt(COUNT_AT, count));
        }
        for (int last : new int[] {-1, 0, 2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refusedWithCrc("last offset delta " + last, 2, batch -> batch.putInt(LAST_DELTA_AT, last));
        }
    }

    @Test
    void baseOffsetsAreNotTheClients() throws Exception {
        long before = end(TOPIC);
        ByteBuffer batch = batch(2);
        batch.putLong(0, 1L << 40); // not covered by the checksum
        assertThat(produce(request(TOPIC, -1, 5_000, batch)))
                .isIn(Errors.NONE, Errors.INVALID_RECORD, Errors.CORRUPT_MESSAGE);
        assertThat(end(TOPIC)).isBetween(before, before + 2);
    }

    @Test
    void timestampsAtTheEnds() throws Exception {
        for (long time : new long[] {Long.MAX_VALUE, Long.MIN_VALUE}) {
            refusedWithCrc("timestamp " + time, 1, batch -> {
                batch.putLong(BASE_TIMESTAMP_AT, time);
                batch.putLong(MAX_TIMESTAMP_AT, time);
            });
        }
    }

    @Test
    void moreThanOneBatch() throws Exception {
        ByteBuffer two = ByteBuffer.allocate(1_000).put(batch(1)).put(batch(1)).flip();
        refused("two batches", two);
        ByteBuffer trailing =
                ByteBuffer.allocate(1_000).put(batch(1)).put(new byte[5]).flip();
        refused("five bytes behind the batch", trailing);
    }

    @Test
    void noRecords() throws Exception {
        for (ByteBuffer records : new ByteBuffer[] {null, ByteBuffer.allocate(0)}) {
            byte[] frame = Wire.frame(ApiKeys.PRODUCE, VERSION, request(TOPIC, -1, 5_000, records));
            Rows.assertAnsweredOrClosed(victim, "no records", frame);
        }
    }

    @Test
    void producersThatNobodyKnows() throws Exception {
        // Nobody was forgotten since the log began: a producer that is not known has never written.
        assertThat(sequenced(1L << 50, 0, Integer.MAX_VALUE)).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequenced(1L << 50, 0, 0)).as("the first").isEqualTo(Errors.NONE);
        assertThat(sequenced(1L << 50, 0, 2)).as("a gap").isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        refusedWithCrc("epoch -1 with a producer id", 1, batch -> {
            batch.putLong(PRODUCER_ID_AT, 5);
            batch.putShort(PRODUCER_EPOCH_AT, (short) -1);
            batch.putInt(SEQUENCE_AT, 0);
        });
        refusedWithCrc("sequence -2", 1, batch -> {
            batch.putLong(PRODUCER_ID_AT, 5);
            batch.putShort(PRODUCER_EPOCH_AT, (short) 0);
            batch.putInt(SEQUENCE_AT, -2);
        });
    }

    @Test
    void sequencesRepeatedAndSkipped() throws Exception {
        InitProducerIdResponse init = Rows.ask(
                victim,
                ApiKeys.INIT_PRODUCER_ID,
                4,
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000),
                InitProducerIdResponse.class);
        long id = init.data().producerId();
        long before = end(TOPIC);
        for (int sequence = 0; sequence < 7; sequence++)
            assertThat(sequenced(id, 0, sequence)).isEqualTo(Errors.NONE);
        assertThat(sequenced(id, 0, 4)).as("one of the last five").isEqualTo(Errors.NONE);
        assertThat(sequenced(id, 0, 0))
                .as("older than five")
                .isIn(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, Errors.DUPLICATE_SEQUENCE_NUMBER);
        assertThat(sequenced(id, 0, 9)).as("a gap").isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequenced(id, 1, 3)).as("a new epoch not from 0").isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequenced(id, 1, 0)).as("a new epoch").isEqualTo(Errors.NONE);
        assertThat(sequenced(id, 0, 7)).as("the old epoch").isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(end(TOPIC)).isEqualTo(before + 8);
    }

    private Errors sequenced(long producerId, int epoch, int sequence) throws IOException {
        ByteBuffer batch = batch(1);
        batch.putLong(PRODUCER_ID_AT, producerId);
        batch.putShort(PRODUCER_EPOCH_AT, (short) epoch);
        batch.putInt(SEQUENCE_AT, sequence);
        fixCrc(batch);
        return produce(request(TOPIC, -1, 5_000, batch));
    }

    @Test
    void acksAndTimeoutsAndSizes() throws Exception {
        for (int acks : new int[] {2, -2, 100, Short.MAX_VALUE, Short.MIN_VALUE})
            assertThat(produce(request(TOPIC, acks, 5_000, batch(1))))
                    .as("acks " + acks)
                    .isEqualTo(Errors.INVALID_REQUIRED_ACKS);
        byte[] negative = Wire.frame(ApiKeys.PRODUCE, VERSION, request(TOPIC, -1, -5, batch(1)));
        Rows.assertAnsweredOrClosed(victim, "negative timeout", negative);
        byte[] large = new byte[1_200_000];
        new java.util.Random(1).nextBytes(large);
        ByteBuffer batch = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(large))
                .buffer();
        long before = end(TOPIC);
        assertThat(produce(request(TOPIC, -1, 5_000, batch)))
                .isIn(Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE);
        assertThat(end(TOPIC)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bombsDoNotGoOff(CompressionType codec) throws Exception {
        // As much as fits into a batch: snappy packs less tightly than the others.
        ByteBuffer bomb = bomb(codec, codec == CompressionType.SNAPPY ? 16 << 20 : 200 << 20);
        assertThat(bomb.remaining()).isLessThan(1_000_000);
        long residentBefore = victim.residentBytes();
        for (String topic : List.of(TOPIC, RECOMPRESSED, COMPACTED)) {
            byte[] frame = Wire.frame(ApiKeys.PRODUCE, VERSION, request(topic, -1, 5_000, bomb.duplicate()));
            Rows.assertAnsweredOrClosed(victim, codec + " bomb to " + topic, frame);
        }
        assertThat(victim.residentBytes() - residentBefore).isLessThan(RESIDENT_GROWTH_MAX);
        assertThat(end(COMPACTED)).as("no key, so none is taken").isZero();
    }

    /// Where records are not unpacked on their way in, rubbish can lie in the log: whoever put it there may read it.
    @Test
    void rubbishInTheLogHarmsNobodyElse() throws Exception {
        String own = "rubbish";
        victim.admin()
                .createTopics(List.of(new NewTopic(own, 1, (short) 1)))
                .all()
                .get();
        for (CompressionType codec : List.of(CompressionType.GZIP, CompressionType.ZSTD, CompressionType.LZ4)) {
            produce(request(own, -1, 5_000, wrap(codec.id, ByteBuffer.wrap(new byte[100]))));
            produce(request(own, -1, 5_000, bomb(codec, 200 << 20)));
        }
        TopicPartition partition = new TopicPartition(own, 0);
        for (long time : new long[] {1_700_000_000_000L, 0, Long.MAX_VALUE - 1}) {
            try {
                victim.admin()
                        .listOffsets(
                                Map.of(partition, OffsetSpec.forTimestamp(time)),
                                new ListOffsetsOptions().timeoutMs(3_000))
                        .all()
                        .get();
            } catch (ExecutionException refused) {
                assertThat(refused).hasCauseInstanceOf(ApiException.class);
            }
        }
        assertThat(produce(request(own, -1, 5_000, batch(1)))).isEqualTo(Errors.NONE);
    }

    /// A batch whose one record has a value of many zeros.
    private static ByteBuffer bomb(CompressionType codec, int bytes) throws IOException {
        ByteBufferOutputStream compressed = new ByteBufferOutputStream(1 << 16);
        try (OutputStream out = Compression.of(codec).build().wrapForOutput(compressed, (byte) 2)) {
            out.write(varint(1 + 1 + 1 + 1 + varint(bytes).length + bytes + 1));
            out.write(new byte[] {0, 0, 0, 1}); // attributes, both deltas, no key
            out.write(varint(bytes));
            byte[] zeros = new byte[1 << 16];
            for (int left = bytes; left > 0; left -= zeros.length) out.write(zeros, 0, Math.min(left, zeros.length));
            out.write(0);
        }
        compressed.buffer().flip();
        return wrap(codec.id, compressed.buffer());
    }

    private static byte[] varint(int value) {
        return new Wire.Out().uvarint((value << 1) ^ (value >> 31)).toBytes();
    }

    private static ByteBuffer wrap(int attributes, ByteBuffer records) {
        ByteBuffer batch = ByteBuffer.allocate(RECORDS_AT + records.remaining());
        batch.put(batch(1).limit(RECORDS_AT)).put(records).flip();
        batch.putInt(LENGTH_AT, batch.limit() - 12);
        batch.putShort(ATTRIBUTES_AT, (short) attributes);
        fixCrc(batch);
        return batch;
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void compressedRubbishIsRefusedWhereItIsRead(CompressionType codec) throws Exception {
        byte[][] rubbish = {
            {},
            {0},
            new byte[100],
            "not compressed at all, whatever the header says".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            // A block of snappy's framing that announces 2^31-1 and one that announces -1 bytes.
            {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1, 127, -1, -1, -1},
            {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1, -1, -1, -1, -1},
            // A zstd frame with a window of 2 GiB.
            {(byte) 0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0x00, (byte) 0xA8, 1, 0, 0},
            // An lz4 frame without an end.
            {0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, (byte) 0x82, 5, 0, 0, 0}
        };
        for (byte[] bytes : rubbish) {
            Errors error = produce(request(COMPACTED, -1, 5_000, wrap(codec.id, ByteBuffer.wrap(bytes))));
            assertThat(error).as(codec + " of " + bytes.length + " bytes").isIn(REFUSALS);
        }
        assertThat(end(COMPACTED)).isZero();
    }
}
