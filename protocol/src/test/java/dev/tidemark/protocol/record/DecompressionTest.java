package dev.tidemark.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

/// What hostile or unusual compressed data does: it fails under the cap, and never allocates what it only announces.
class DecompressionTest {
    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bombsStopAtTheCap(CompressionType type) {
        BatchHeader bomb = BatchHeader.of(new RecordBatchBuilder(Compression.of(type))
                .add(0, null, Bytes.wrap(new byte[50_000_000]))
                .build());
        assertThat(bomb.sizeInBytes()).isLessThan(3_000_000);

        assertThatThrownBy(() -> RecordReader.readAll(bomb, 1_000_000))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("more than 1000000 bytes");
        assertThatThrownBy(() -> Recompression.of(bomb, Compression.NONE, 1_000_000, 100_000_000))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("more than 1000000 bytes");
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void lookingIntoABombTakesNoMemory(CompressionType type) {
        ByteBuffer bomb = new RecordBatchBuilder(Compression.of(type))
                .add(0, Bytes.EMPTY, Bytes.wrap(new byte[50_000_000]))
                .build();
        ValidationRules rules =
                new ValidationRules(true, 10_000_000, true, null, false, Long.MAX_VALUE, Long.MAX_VALUE, 100_000_000);
        ValidationRules unpacking = new ValidationRules(
                true, 10_000_000, false, Compression.NONE, false, Long.MAX_VALUE, Long.MAX_VALUE, 100_000_000);

        assertThat(allocatedBy(() ->
                        assertThat(BatchValidator.validate(bomb, rules, 0)).isInstanceOf(Validation.Valid.class)))
                .isLessThan(20_000_000);
        assertThat(allocatedBy(() -> assertThat(BatchValidator.validate(bomb, unpacking, 0))
                        .isInstanceOfSatisfying(
                                Validation.Invalid.class,
                                invalid -> assertThat(invalid.error()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE))))
                .isLessThan(60_000_000);
    }

    private static long allocatedBy(Runnable action) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /// Two walks over the same records, one of which keeps nothing, see the same and refuse the same.
    @Property(tries = 400)
    void scanAndCursorAgreeAlsoOnDamage(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int typeId, @ForAll boolean damaged) {
        CompressionType type = CompressionType.forId(typeId);
        RecordBatchBuilder plain = new RecordBatchBuilder(Compression.NONE);
        for (Record each : new RandomRecords(seed).list(0))
            plain.add(each.timestamp(), each.key(), each.value(), each.headers());
        ByteBuffer batch = plain.build();
        Random random = new Random(seed);
        if (damaged) batch.put(random.nextInt(BatchHeader.RECORD_COUNT_AT + 3, batch.limit()), (byte) random.nextInt());
        BatchHeader compressed =
                BatchHeader.of(Recompression.of(BatchHeader.of(batch), Compression.of(type), 10_000_000, 10_000_000));

        assertThat(walk(new RecordScan(compressed, 9_000_000)))
                .isEqualTo(walk(new RecordCursor(compressed, 9_000_000)))
                .isEqualTo(walk(new RecordCursor(BatchHeader.of(batch), 9_000_000)));
    }

    /// What it shows of each record, and whether it came to the end.
    private static List<Object> walk(RecordWalk walk) {
        List<Object> seen = new ArrayList<>();
        try (walk) {
            while (walk.next())
                seen.addAll(List.of(walk.index(), walk.offsetDelta(), walk.timestamp(), walk.keySize()));
            seen.add("end");
        } catch (MalformedException e) {
            seen.add("refused");
        }
        return seen;
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void dataCutOffIsDamaged(CompressionType type) {
        ByteBuffer whole = new RecordBatchBuilder(Compression.of(type))
                .add(
                        0,
                        null,
                        Bytes.wrap("some text, some text, some text".repeat(9).getBytes(UTF_8)))
                .build();
        for (int cut = 1; cut < whole.limit() - BatchHeader.BYTES; cut++) {
            ByteBuffer shorter = ByteBuffer.allocate(whole.limit() - cut);
            shorter.put(0, whole, 0, shorter.limit());
            shorter.putInt(BatchHeader.LENGTH_AT, shorter.limit() - BatchHeader.PREFIX_BYTES);
            BatchHeader batch = BatchHeader.of(shorter);
            // What only the end mark is missing of may be read; it is never read as something else.
            try {
                assertThat(RecordReader.readAll(batch, 10_000)).hasSize(1);
            } catch (MalformedException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void bareSnappyIsRead() throws IOException {
        assertThat(read(CompressionType.SNAPPY, Snappy.compress("a bare block")))
                .isEqualTo("a bare block");
    }

    @Test
    void snappyStreamsMayFollowEachOther() throws IOException {
        byte[] one = compressed(CompressionType.SNAPPY, "one ");
        byte[] two = compressed(CompressionType.SNAPPY, "two");
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(one);
        both.write(two);

        assertThat(read(CompressionType.SNAPPY, both.toByteArray())).isEqualTo("one two");
    }

    @Test
    void announcedSnappyLengthsAreNotBelieved() {
        byte[] header = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
        for (int length : List.of(Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 100)) {
            byte[] source =
                    ByteBuffer.allocate(24).put(header).putInt(length).putInt(0).array();
            assertDamaged(CompressionType.SNAPPY, source);
        }
        // A block of 5 bytes that says it holds 2 GiB.
        byte[] block = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7};
        assertDamaged(CompressionType.SNAPPY, block);
    }

    @Test
    void zstdWindowsAreBounded() {
        // Magic, a frame header with a window of 2 GiB, an empty last block.
        byte[] frame = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0x00, (byte) (21 << 3), 0x01, 0x00, 0x00};

        assertDamaged(CompressionType.ZSTD, frame);
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void allLevelsAreRead(CompressionType type) throws IOException {
        String text = "level by level ".repeat(500);
        for (int level = Math.max(-5, type.levelMin()); level <= type.levelMax(); level++) {
            ByteArrayOutputStream target = new ByteArrayOutputStream();
            try (var out = type.compressTo(target, level)) {
                out.write(text.getBytes(UTF_8));
            }
            assertThat(read(type, target.toByteArray())).isEqualTo(text);
            if (type == CompressionType.SNAPPY) return;
        }
    }

    private static byte[] compressed(CompressionType type, String text) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (var out = type.compressTo(target, type.levelDefault())) {
            out.write(text.getBytes(UTF_8));
        }
        return target.toByteArray();
    }

    private static String read(CompressionType type, byte[] source) {
        byte[] target = new byte[1_000_000];
        try (InputStream in = type.open(ByteBuffer.wrap(source))) {
            int size = 0;
            for (int read = 0; read >= 0; read = type.read(in, target, size, target.length - size)) size += read;
            return new String(target, 0, size, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertDamaged(CompressionType type, byte[] source) {
        assertThatThrownBy(() -> read(type, source))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("damaged " + type.configName());
    }
}
