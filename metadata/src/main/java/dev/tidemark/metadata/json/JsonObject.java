package dev.tidemark.metadata.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.tidemark.base.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A JSON object with readers that say what is wrong. Read by tokens: an object mapper would cost a starting broker
/// more time than its ZooKeeper session.
final class JsonObject {
    private static final int DEPTH_MAX = 16;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private final Map<String, @Nullable Object> fields;

    private JsonObject(Map<String, @Nullable Object> fields) {
        this.fields = fields;
    }

    static JsonObject parse(Bytes data) {
        try (JsonParser parser = FACTORY.createParser(data.toByteArray())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw new MalformedJsonException("not a JSON object");
            JsonObject object = new JsonObject(readObject(parser));
            if (parser.nextToken() != null) throw new MalformedJsonException("something follows the JSON object");
            return object;
        } catch (JsonProcessingException e) {
            throw new MalformedJsonException("not JSON: " + oneLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Memory does not fail.
        }
    }

    private static String oneLine(@Nullable String message) {
        String text = String.valueOf(message).replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    private static Map<String, @Nullable Object> readObject(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            fields.put(name, readValue(parser, parser.nextToken()));
        }
        return fields;
    }

    private static List<@Nullable Object> readArray(JsonParser parser) throws IOException {
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(readValue(parser, token));
        }
        return elements;
    }

    private static @Nullable Object readValue(JsonParser parser, @Nullable JsonToken token) throws IOException {
        if (token == null) throw new MalformedJsonException("not JSON: it ends early");
        return switch (token) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> readArray(parser);
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) parser.getText()
                        : (Object) parser.getLongValue();
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> parser.getText();
        };
    }

    Set<String> names() {
        return fields.keySet();
    }

    /// Whether the field is there and not null.
    boolean has(String name) {
        return fields.get(name) != null;
    }

    /// A whole number within `min` and `max`.
    int number(String name, int min, int max) {
        return (int) longNumber(name, min, max);
    }

    /// A whole number, also where it is written as a string, as Kafka does with some.
    long longNumber(String name, long min, long max) {
        Object value = required(name);
        long number = value instanceof Long l ? l : parseLong(name, value);
        if (number < min || number > max) {
            throw new MalformedJsonException("'" + name + "' is " + number + ", outside of " + min + " to " + max);
        }
        return number;
    }

    private static long parseLong(String name, Object value) {
        try {
            if (value instanceof String text) return Long.parseLong(text);
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new MalformedJsonException("'" + name + "' is not a whole number");
    }

    /// The field `version`, between 1 and what this code knows.
    int version(int max) {
        int version = number("version", 0, Integer.MAX_VALUE);
        if (version < 1 || version > max) {
            throw new MalformedJsonException("version " + version + " is unknown here (newest: " + max + ")");
        }
        return version;
    }

    String text(String name) {
        Object value = required(name);
        if (value instanceof String text) return text;
        throw new MalformedJsonException("'" + name + "' is not a string");
    }

    Optional<String> optionalText(String name) {
        return has(name) ? Optional.of(text(name)) : Optional.empty();
    }

    boolean flag(String name, boolean absent) {
        return fields.get(name) instanceof Boolean flag ? flag : absent;
    }

    /// An empty object where the field is not there.
    @SuppressWarnings("unchecked")
    JsonObject object(String name) {
        if (!has(name)) return new JsonObject(Map.of());
        if (required(name) instanceof Map<?, ?> map) return new JsonObject((Map<String, @Nullable Object>) map);
        throw new MalformedJsonException("'" + name + "' is not an object");
    }

    List<?> array(String name) {
        if (required(name) instanceof List<?> list) return list;
        throw new MalformedJsonException("'" + name + "' is not an array");
    }

    /// Broker ids: whole numbers from 0 on, each once.
    List<Integer> brokerIds(String name) {
        List<?> elements = array(name);
        if (elements.size() > 10_000) throw new MalformedJsonException("'" + name + "' names too many brokers");
        List<Integer> ids = new ArrayList<>(elements.size());
        for (Object element : elements) {
            if (!(element instanceof Long id) || id < 0 || id > Integer.MAX_VALUE) {
                throw new MalformedJsonException("'" + name + "' holds something that is not a broker id");
            }
            if (ids.contains((int) (long) id)) {
                throw new MalformedJsonException("'" + name + "' names broker " + id + " twice");
            }
            ids.add((int) (long) id);
        }
        return List.copyOf(ids);
    }

    /// Whole numbers from 0 on.
    List<Integer> numbers(String name) {
        List<?> elements = array(name);
        List<Integer> numbers = new ArrayList<>(elements.size());
        for (Object element : elements) {
            if (!(element instanceof Long number) || number < 0 || number > Integer.MAX_VALUE) {
                throw new MalformedJsonException("'" + name + "' holds something that is not a whole number from 0 on");
            }
            numbers.add((int) (long) number);
        }
        return List.copyOf(numbers);
    }

    private Object required(String name) {
        Object value = fields.get(name);
        if (value == null) throw new MalformedJsonException("'" + name + "' is missing");
        return value;
    }
}
