package dev.tidemark.base.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The type of a config's value. The ids are those of DescribeConfigs (KIP-569).
public enum ConfigType {
    BOOLEAN(1, "true or false"),
    STRING(2, "a text"),
    INT(3, "a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE),
    SHORT(4, "a whole number from " + Short.MIN_VALUE + " to " + Short.MAX_VALUE),
    LONG(5, "a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE),
    DOUBLE(6, "a number"),
    LIST(7, "a list, separated by commas, without empty entries"),
    CLASS(8, "the name of a class"),
    PASSWORD(9, "a secret");

    private final byte wireId;
    private final String allowed;

    ConfigType(int wireId, String allowed) {
        this.wireId = (byte) wireId;
        this.allowed = allowed;
    }

    public byte wireId() {
        return wireId;
    }

    /// What a value of this type may be, for an error message.
    String allowed() {
        return allowed;
    }

    /// Reads a value: Boolean, String, Integer, Short, Long, Double, `List<String>` (without repetitions) or
    /// [Password]; empty if `text` is none.
    Optional<Object> parse(String text) {
        String trimmed = text.trim();
        try {
            return switch (this) {
                case BOOLEAN -> parseBoolean(trimmed);
                case STRING, CLASS -> Optional.of(trimmed);
                case INT -> Optional.of(Integer.parseInt(trimmed));
                case SHORT -> Optional.of(Short.parseShort(trimmed));
                case LONG -> Optional.of(Long.parseLong(trimmed));
                case DOUBLE -> Optional.of(Double.parseDouble(trimmed));
                case LIST -> parseList(trimmed);
                case PASSWORD -> Optional.of(new Password(trimmed));
            };
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    private static Optional<Object> parseBoolean(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<Object> parseList(String text) {
        if (text.isEmpty()) return Optional.of(List.of());
        LinkedHashSet<String> entries = new LinkedHashSet<>();
        for (String entry : text.split(",", -1)) {
            if (entry.isBlank()) return Optional.empty();
            entries.add(entry.trim());
        }
        return Optional.of(List.copyOf(entries));
    }

    /// The text that [#parse] reads back as `value`. A secret is given away: mind who asks.
    static String format(Object value) {
        return switch (value) {
            case List<?> entries ->
                String.join(",", entries.stream().map(Object::toString).toList());
            case Password password -> password.value();
            default -> value.toString();
        };
    }
}
