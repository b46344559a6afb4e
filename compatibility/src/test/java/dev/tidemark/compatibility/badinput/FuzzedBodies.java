package dev.tidemark.compatibility.badinput;

import dev.tidemark.compatibility.badinput.Wire.Out;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/// Bodies of requests that follow Kafka's schemas, but for a length, a count or a value here and there that lies.
final class FuzzedBodies {
    static final String TOPIC = "fuzz-topic";
    private static final List<String> STRINGS = List.of(
            "",
            TOPIC,
            "fuzz-group",
            "fuzz-member",
            "consumer",
            "range",
            "uniform",
            "retention.ms",
            "cleanup.policy",
            "compact",
            "../..",
            "\u0000\u001b[31m\n",
            "ä€😀",
            "x".repeat(300));
    private static final long[] NUMBERS = {
        0,
        0,
        0,
        1,
        1,
        2,
        3,
        4,
        5,
        10,
        30,
        -1,
        -1,
        -2,
        127,
        128,
        255,
        32_767,
        65_535,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final int[] COUNTS = {-2, -1, 0, 100, 1_000, 1_000_001, Integer.MAX_VALUE, Integer.MIN_VALUE};

    private final RandomGenerator random;
    /// How likely each length or count is to lie.
    private final double lies;

    FuzzedBodies(RandomGenerator random, double lies) {
        this.random = random;
        this.lies = lies;
    }

    void write(Out out, Type type) {
        if (type instanceof Schema schema) {
            for (BoundField field : schema.fields()) write(out, field.def.type);
        } else if (type instanceof TaggedFields tagged) {
            writeTagged(out, tagged);
        } else if (type.isArray()) {
            writeArray(out, type);
        } else {
            writeBasic(out, type);
        }
    }

    private void writeArray(Out out, Type type) {
        boolean compact = type instanceof CompactArrayOf;
        int count = type.isNullable() && random.nextInt(8) == 0 ? -1 : random.nextInt(3);
        count(out, lies() ? COUNTS[random.nextInt(COUNTS.length)] : count, compact);
        for (int i = 0; i < count; i++) write(out, type.arrayElementType().orElseThrow());
    }

    private void writeTagged(Out out, TaggedFields tagged) {
        Map<Integer, Field> chosen = new TreeMap<>();
        tagged.fields().forEach((tag, field) -> {
            if (random.nextInt(4) == 0) chosen.put(tag, field);
        });
        out.uvarint(lies() ? random.nextInt() : chosen.size());
        chosen.forEach((tag, field) -> {
            Out content = new Out();
            write(content, field.type);
            byte[] bytes = content.toBytes();
            out.uvarint(lies() ? random.nextInt(10) : tag)
                    .uvarint(lies() ? random.nextInt() : bytes.length)
                    .raw(bytes);
        });
    }

    private void writeBasic(Out out, Type type) {
        switch (type.toString()) {
            case "BOOLEAN", "INT8" -> out.int8((int) number());
            case "INT16", "UINT16" -> out.int16((int) number());
            case "INT32", "UINT32" -> out.int32((int) number());
            case "INT64" -> out.int64(number());
            case "UUID" -> out.int64(random.nextInt(3)).int64(random.nextInt(3));
            case "FLOAT64" -> out.int64(random.nextLong());
            case "VARINT" -> out.uvarint((int) number());
            case "VARLONG" -> out.uvarint((int) number());
            default -> writeBytes(out, type.toString());
        }
    }

    private void writeBytes(Out out, String type) {
        byte[] content = type.contains("STRING")
                ? STRINGS.get(random.nextInt(STRINGS.size())).getBytes(StandardCharsets.UTF_8)
                : type.contains("RECORDS") ? records() : randomBytes(40);
        boolean isNull = type.contains("NULLABLE") && random.nextInt(6) == 0;
        int size = lies() ? COUNTS[random.nextInt(COUNTS.length)] : isNull ? -1 : content.length;
        boolean compact = type.startsWith("COMPACT");
        if (!compact && type.contains("STRING")) out.int16(size);
        else count(out, size, compact);
        if (!isNull) out.raw(content);
    }

    private static void count(Out out, int count, boolean compact) {
        if (compact) out.uvarint(count + 1);
        else out.int32(count);
    }

    private byte[] records() {
        if (random.nextInt(4) == 0) return randomBytes(200);
        ByteBuffer batch = MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(System.currentTimeMillis(), randomBytes(50)))
                .buffer();
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        if (random.nextBoolean()) bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    private byte[] randomBytes(int most) {
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    private long number() {
        return random.nextInt(10) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private boolean lies() {
        return random.nextDouble() < lies;
    }

    /// Flips, cuts, doubles or drops some of `frame`.
    byte[] damaged(byte[] frame) {
        byte[] bytes = frame.clone();
        switch (random.nextInt(4)) {
            case 0 -> {
                for (int i = 0; i < 1 + random.nextInt(4); i++)
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
            default -> bytes = Arrays.copyOfRange(bytes, 0, bytes.length - random.nextInt(bytes.length) / 4);
        }
        return bytes;
    }
}
