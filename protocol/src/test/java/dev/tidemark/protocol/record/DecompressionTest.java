package dev.tidemark.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.codec.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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
        assertThatThrownBy(() -> RecordBatchBuilder.recompress(bomb, Compression.NONE, 1_000_000))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("more than 1000000 bytes");
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
        return new String(type.decompressAll(ByteBuffer.wrap(source), 1_000_000), UTF_8);
    }

    private static void assertDamaged(CompressionType type, byte[] source) {
        assertThatThrownBy(() -> read(type, source))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("damaged " + type.configName());
    }
}
