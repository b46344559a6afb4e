package dev.tidemark.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.record.RecordBytes;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compares the values in one of our records with what Kafka's JSON converters show of its own object.
final class JsonComparison {
    private JsonComparison() {}

    static void assertSame(Record ours, JsonNode kafkas) throws ReflectiveOperationException, IOException {
        Object defaults = ours.getClass().getMethod("builder").invoke(null);
        Object empty = defaults.getClass().getMethod("build").invoke(defaults);
        for (RecordComponent component : ours.getClass().getRecordComponents()) {
            // The converters leave out what records hold.
            if (component.getType() == RecordBytes.class) continue;
            Object value = component.getAccessor().invoke(ours);
            JsonNode json = kafkas.get(component.getName());
            if (json == null)
                assertThat(value)
                        .as(component.getName())
                        .isEqualTo(component.getAccessor().invoke(empty));
            else assertSameValue(component.getName(), value, json);
        }
    }

    private static void assertSameValue(String name, @Nullable Object ours, JsonNode kafkas)
            throws ReflectiveOperationException, IOException {
        switch (ours) {
            case null -> assertThat(kafkas.isNull()).as(name).isTrue();
            case Uuid uuid -> assertThat(kafkas.asText()).as(name).isEqualTo(uuid.toString());
            case Record struct -> assertSame(struct, kafkas);
            case List<?> list -> {
                assertThat(kafkas.size()).as(name).isEqualTo(list.size());
                for (int i = 0; i < list.size(); i++) assertSameValue(name, list.get(i), kafkas.get(i));
            }
            case Bytes bytes ->
                assertThat(Bytes.wrap(kafkas.binaryValue())).as(name).isEqualTo(bytes);
            default -> assertThat(kafkas.asText()).as(name).isEqualTo(ours.toString());
        }
    }
}
