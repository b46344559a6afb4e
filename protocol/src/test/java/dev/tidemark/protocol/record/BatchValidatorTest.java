package dev.tidemark.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchValidatorTest {
    private static final long NOW = 1_790_000_000_000L;
    private static final ValidationRules DEFAULT = ValidationRules.DEFAULT;

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aGoodBatchIsTakenAsItIs(CompressionType type) {
        ByteBuffer sent = batch(type);
        ByteBuffer before =
                ByteBuffer.allocate(sent.remaining()).put(sent.duplicate()).flip();

        Validation validation = BatchValidator.validate(sent, DEFAULT, NOW);

        assertThat(validation).isInstanceOfSatisfying(Validation.Valid.class, valid -> {
            assertThat(valid.batch().buffer()).isSameAs(sent);
            assertThat(valid.batch().bytes()).isEqualTo(before);
        });
    }

    @Test
    void nothingIsNoBatch() {
        assertInvalid(ByteBuffer.allocate(0), DEFAULT, ErrorCode.INVALID_RECORD);
        assertInvalid(ByteBuffer.allocate(16), DEFAULT, ErrorCode.CORRUPT_MESSAGE);
    }

    @Test
    void lengthBeyondTheBytesOrShortOfThem() {
        ByteBuffer sent = batch(CompressionType.NONE);
        assertInvalid(sent.slice(0, sent.limit() - 1), DEFAULT, ErrorCode.CORRUPT_MESSAGE);
        for (int length : new int[] {-1, 0, 48, Integer.MAX_VALUE, Integer.MIN_VALUE})
            assertInvalid(patched(header -> header.buffer().putInt(8, length)), DEFAULT, ErrorCode.CORRUPT_MESSAGE);
        ByteBuffer longer = ByteBuffer.allocate(sent.limit() + 1).put(sent).rewind();
        assertInvalid(longer, DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @Test
    void moreThanOneBatch() {
        ByteBuffer sent = batch(CompressionType.NONE);
        ByteBuffer twice = ByteBuffer.allocate(2 * sent.limit());
        twice.put(sent.duplicate()).put(sent.duplicate()).flip();

        assertInvalid(twice, DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @ParameterizedTest
    @ValueSource(bytes = {0, 1, 3, -1})
    void otherMagic(byte magic) {
        assertInvalid(patched(header -> header.buffer().put(16, magic)), DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @Test
    void wrongChecksum() {
        assertInvalid(patched(header -> header.buffer().putInt(17, 7)), DEFAULT, ErrorCode.CORRUPT_MESSAGE);
    }

    @Test
    void wrongChecksumInCompressedRecords() {
        ByteBuffer sent = batch(CompressionType.ZSTD);
        sent.put(sent.limit() - 3, (byte) (sent.get(sent.limit() - 3) ^ 1));

        assertInvalid(sent, DEFAULT, ErrorCode.CORRUPT_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x05, 0x07, 0x80, 0x8000, 0x20, 0x40})
    void attributesThatClientsMayNotSet(int bits) {
        assertInvalid(signed(header -> header.setAttributes(bits)), DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @Test
    void timestampTypeIsTheBrokersToSet() {
        assertInvalid(signed(header -> header.setAttributes(0x08)), DEFAULT, ErrorCode.INVALID_TIMESTAMP);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 2, 4, Integer.MAX_VALUE})
    void countIsNotThatOfTheRecords(int count) {
        ByteBuffer sent = signed(header -> {
            header.buffer().putInt(BatchHeader.RECORD_COUNT_AT, count);
            header.buffer().putInt(BatchHeader.LAST_OFFSET_DELTA_AT, count - 1);
        });

        assertThat(BatchValidator.validate(sent, DEFAULT, NOW)).isInstanceOf(Validation.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 3, Integer.MAX_VALUE})
    void lastOffsetDeltaIsNotThatOfTheCount(int delta) {
        ByteBuffer sent = signed(header -> header.buffer().putInt(BatchHeader.LAST_OFFSET_DELTA_AT, delta));

        assertInvalid(sent, DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @Test
    void baseOffsetIsTheBrokersToChoose() {
        assertInvalid(patched(header -> header.setBaseOffset(1)), DEFAULT, ErrorCode.INVALID_RECORD);
        assertThat(BatchValidator.validate(patched(header -> header.setBaseOffset(1)), DEFAULT.fromBroker(), NOW))
                .isInstanceOf(Validation.Valid.class);
    }

    @Test
    void offsetDeltasOutOfOrder() {
        ByteBuffer gap = new RecordBatchBuilder(Compression.NONE)
                .add(0, NOW, null, Bytes.EMPTY, List.of())
                .add(2, NOW, null, Bytes.EMPTY, List.of())
                .build();
        BatchHeader header = BatchHeader.of(gap);
        gap.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, 1);
        header.writeCrc();

        assertInvalid(gap, DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @Test
    void producerIdWithoutSequenceAndTransactionWithoutProducer() {
        assertInvalid(signed(header -> header.setProducer(5, (short) 0, -1)), DEFAULT, ErrorCode.INVALID_RECORD);
        assertInvalid(signed(header -> header.setAttributes(0x10)), DEFAULT, ErrorCode.INVALID_RECORD);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -2, NOW + 3_600_001})
    void timestampsOutOfBounds(long timestamp) {
        ByteBuffer sent = new RecordBatchBuilder(Compression.NONE)
                .add(NOW, null, Bytes.EMPTY)
                .add(timestamp, null, Bytes.EMPTY)
                .build();

        Validation validation = BatchValidator.validate(sent, DEFAULT, NOW);

        assertThat(validation)
                .isInstanceOfSatisfying(
                        Validation.Invalid.class,
                        invalid -> assertThat(invalid.error()).isEqualTo(ErrorCode.INVALID_TIMESTAMP));
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void timestampsTooOldAreFoundInsideAndNamed(CompressionType type) {
        ValidationRules rules = new ValidationRules(true, 1_000_000, false, null, false, 1_000, 1_000, 1_000_000);
        ByteBuffer sent = new RecordBatchBuilder(Compression.of(type))
                .add(NOW, null, Bytes.EMPTY)
                .add(NOW - 1_001, null, Bytes.EMPTY)
                .build();

        assertThat(BatchValidator.validate(sent, rules, NOW))
                .isInstanceOfSatisfying(Validation.Invalid.class, invalid -> {
                    assertThat(invalid.error()).isEqualTo(ErrorCode.INVALID_TIMESTAMP);
                    assertThat(invalid.recordErrors())
                            .extracting(Validation.RecordError::index)
                            .containsExactly(1);
                });
    }

    @Test
    void recordsWithoutATimeAreTaken() {
        ByteBuffer sent = new RecordBatchBuilder(Compression.NONE)
                .add(BatchHeader.NO_TIMESTAMP, null, Bytes.EMPTY)
                .build();

        assertThat(BatchValidator.validate(sent, DEFAULT, NOW)).isInstanceOf(Validation.Valid.class);
    }

    @Test
    void aWrongMaxTimestampIsCorrected() {
        ByteBuffer sent = signed(header -> header.setMaxTimestamp(NOW - 77));

        assertThat(BatchValidator.validate(sent, DEFAULT, NOW))
                .isInstanceOfSatisfying(Validation.Valid.class, valid -> {
                    assertThat(valid.batch().maxTimestamp()).isEqualTo(NOW + 2);
                    assertThat(valid.batch().isCrcValid()).isTrue();
                });
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void compactedTopicsTakeNoRecordsWithoutKey(CompressionType type) {
        ValidationRules rules =
                new ValidationRules(true, 1_000_000, true, null, false, Long.MAX_VALUE, 1_000, 1_000_000);
        ByteBuffer sent = new RecordBatchBuilder(Compression.of(type))
                .add(NOW, Bytes.utf8("k"), Bytes.EMPTY)
                .add(NOW, null, Bytes.EMPTY)
                .build();

        assertThat(BatchValidator.validate(sent, rules, NOW))
                .isInstanceOfSatisfying(Validation.Invalid.class, invalid -> {
                    assertThat(invalid.error()).isEqualTo(ErrorCode.INVALID_RECORD);
                    assertThat(invalid.recordErrors())
                            .extracting(Validation.RecordError::index)
                            .containsExactly(1);
                });
        assertThat(BatchValidator.validate(batch(type), rules, NOW)).isInstanceOf(Validation.Valid.class);
    }

    @Test
    void tooLarge() {
        ValidationRules rules = new ValidationRules(true, 100, false, null, false, Long.MAX_VALUE, 1_000, 1_000);

        assertInvalid(batch(CompressionType.NONE), rules, ErrorCode.MESSAGE_TOO_LARGE);
    }

    @Property(tries = 20)
    void aTopicMayCompressInItsOwnWay(@ForAll CompressionType sent, @ForAll CompressionType wanted) {
        ValidationRules rules = new ValidationRules(
                true, 1_000_000, false, Compression.of(wanted), false, Long.MAX_VALUE, 1_000, 1_000_000);

        assertThat(BatchValidator.validate(batch(sent), rules, NOW))
                .isInstanceOfSatisfying(Validation.Valid.class, valid -> {
                    assertThat(valid.batch().compression()).isEqualTo(wanted);
                    assertThat(valid.batch().isCrcValid()).isTrue();
                    assertThat(RecordReader.readAll(valid.batch(), 10_000))
                            .isEqualTo(RecordReader.readAll(BatchHeader.of(batch(sent)), 10_000));
                });
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void appendTimeIsStampedWithoutUnpacking(CompressionType type) {
        ValidationRules rules = new ValidationRules(true, 1_000_000, false, null, true, 0, 0, 0);
        ByteBuffer sent = batch(type);
        if (type == CompressionType.NONE) return;

        assertThat(BatchValidator.validate(sent, rules, NOW + 50))
                .isInstanceOfSatisfying(Validation.Valid.class, valid -> {
                    assertThat(valid.batch().isLogAppendTime()).isTrue();
                    assertThat(valid.batch().isCrcValid()).isTrue();
                    assertThat(RecordReader.readAll(valid.batch(), 10_000))
                            .allSatisfy(each -> assertThat(each.timestamp()).isEqualTo(NOW + 50));
                });
    }

    @Property(tries = 300)
    void damagedBatchesWithARightChecksumNeverDoWorse(
            @ForAll CompressionType type, @ForAll int at, @ForAll byte value, @ForAll boolean keyRequired) {
        ValidationRules rules =
                new ValidationRules(true, 1_000_000, keyRequired, null, false, Long.MAX_VALUE, 1_000, 1_000_000);
        ByteBuffer sent = batch(type);
        int index = 21 + Math.floorMod(at, sent.limit() - 21);
        sent.put(index, value);
        BatchHeader.of(sent).writeCrc();

        Validation validation = BatchValidator.validate(sent, rules, NOW);

        assertThat(validation).isNotNull();
    }

    private static ByteBuffer batch(CompressionType type) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.of(type));
        for (int i = 0; i < 3; i++)
            builder.add(NOW + i, Bytes.utf8("key-" + i), Bytes.utf8("a value, a value, a value, a value " + i));
        return builder.build();
    }

    /// Changed without a right checksum.
    private static ByteBuffer patched(Consumer<BatchHeader> change) {
        ByteBuffer batch = batch(CompressionType.NONE);
        change.accept(BatchHeader.of(batch));
        return batch;
    }

    /// Changed, with a right checksum.
    private static ByteBuffer signed(Consumer<BatchHeader> change) {
        ByteBuffer batch = patched(change);
        BatchHeader.of(batch).writeCrc();
        return batch;
    }

    private static void assertInvalid(ByteBuffer sent, ValidationRules rules, ErrorCode error) {
        assertThat(BatchValidator.validate(sent, rules, NOW))
                .isInstanceOfSatisfying(Validation.Invalid.class, invalid -> {
                    assertThat(invalid.error()).isEqualTo(error);
                    assertThat(invalid.message()).isNotBlank();
                });
    }
}
