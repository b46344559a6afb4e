package dev.tidemark.protocol.message;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBytes;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.jspecify.annotations.Nullable;

/// Fills our records at random with what a version has, by Kafka's own schema of that version.
final class RandomMessages {
    private static final String[] TEXTS = {
        "", "a", "topic-1", "größe", "水位", "🌊", "\uFFFD", "x".repeat(127), "y".repeat(300)
    };

    private final Random random;

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    Object message(Class<?> type, Schema schema) {
        Map<String, Field> fields = fields(schema);
        try {
            Object builder = type.getMethod("builder").invoke(null);
            for (RecordComponent component : type.getRecordComponents()) {
                Field field = fields.remove(plain(component.getName()));
                // A version without the field, or a tagged one that shall have its default.
                if (field == null || (field.hasDefaultValue && random.nextInt(4) == 0)) continue;
                setter(builder.getClass(), component).invoke(builder, value(component.getGenericType(), field.type));
            }
            if (!fields.isEmpty()) throw new IllegalStateException(type + " lacks " + fields.keySet());
            return builder.getClass().getMethod("build").invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Field> fields(Schema schema) {
        Map<String, Field> fields = new HashMap<>();
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields tagged)
                tagged.fields().values().forEach(each -> fields.put(plain(each.name), each));
            else fields.put(plain(field.def.name), field.def);
        }
        return fields;
    }

    /// Kafka's schemas write `topic_id` for `topicId`.
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static Method setter(Class<?> builder, RecordComponent component) {
        for (Method method : builder.getMethods()) {
            if (!method.getName().equals(component.getName()) || method.getParameterCount() != 1) continue;
            if (!method.getParameterTypes()[0].isEnum()) return method;
        }
        throw new IllegalStateException("no setter for " + component);
    }

    private @Nullable Object value(java.lang.reflect.Type ours, Type kafkas) {
        if (kafkas.isNullable() && random.nextInt(4) == 0) return null;
        if (ours instanceof ParameterizedType list) {
            Type element = kafkas.arrayElementType().orElseThrow();
            int size = random.nextInt(10) == 0 ? random.nextInt(40) : random.nextInt(3);
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < size; i++) values.add(element(list.getActualTypeArguments()[0], element));
            return values;
        }
        return switch (((Class<?>) ours).getSimpleName()) {
            case "boolean" -> random.nextBoolean();
            case "byte" -> (int) (byte) random.nextInt();
            case "short" -> (int) (short) random.nextInt();
            case "int" ->
                kafkas.equals(Type.UINT16) ? random.nextInt() & 0xFFFF : random.nextInt() >> random.nextInt(32);
            case "long" -> kafkas.equals(Type.UNSIGNED_INT32) ? random.nextLong() & 0xFFFF_FFFFL : random.nextLong();
            case "double" -> random.nextDouble();
            default -> object((Class<?>) ours, kafkas);
        };
    }

    private @Nullable Object element(java.lang.reflect.Type ours, Type kafkas) {
        if (ours == Integer.class) return random.nextInt();
        if (ours == Short.class) return (short) random.nextInt();
        if (ours == Byte.class) return (byte) random.nextInt();
        if (ours == Long.class) return random.nextLong();
        return value(ours, kafkas);
    }

    private Object object(Class<?> ours, Type kafkas) {
        if (ours == String.class) return TEXTS[random.nextInt(TEXTS.length)];
        if (ours == Uuid.class)
            return random.nextInt(5) == 0 ? Uuid.ZERO : new Uuid(random.nextLong(), random.nextLong());
        if (ours == Bytes.class) return Bytes.wrap(bytes());
        if (ours == RecordBytes.class) return new MemoryRecords(ByteBuffer.wrap(bytes()));
        return message(ours, (Schema) kafkas);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }
}
