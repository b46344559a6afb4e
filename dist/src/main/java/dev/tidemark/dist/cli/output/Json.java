package dev.tidemark.dist.cli.output;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes JSON of maps, collections, strings, numbers, booleans and nulls: a library would cost more start-up time than
/// all of a command's own work.
public final class Json {
    private Json() {}

    /// On one line.
    public static String compact(@Nullable Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, -1);
        return text.toString();
    }

    /// Indented by two spaces.
    public static String pretty(@Nullable Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, 0);
        return text.toString();
    }

    /// `depth` is -1 for the compact form.
    private static void write(StringBuilder text, @Nullable Object value, int depth) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> writeMap(text, map, depth);
            case Collection<?> list -> writeList(text, list, depth);
            case Boolean flag -> text.append(flag.booleanValue());
            case Double number when number.isNaN() || number.isInfinite() -> text.append("null");
            case Number number -> text.append(number);
            default -> quote(text, value.toString());
        }
    }

    private static void writeMap(StringBuilder text, Map<?, ?> map, int depth) {
        text.append('{');
        String comma = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(comma);
            newLine(text, depth, 1);
            quote(text, String.valueOf(entry.getKey()));
            text.append(depth < 0 ? ":" : ": ");
            write(text, entry.getValue(), depth < 0 ? -1 : depth + 1);
            comma = ",";
        }
        if (!map.isEmpty()) newLine(text, depth, 0);
        text.append('}');
    }

    private static void writeList(StringBuilder text, Collection<?> list, int depth) {
        boolean flat = list.stream().noneMatch(item -> item instanceof Map || item instanceof Collection);
        int inner = flat ? -1 : depth;
        text.append('[');
        String comma = "";
        for (Object item : list) {
            text.append(comma);
            newLine(text, inner, 1);
            write(text, item, inner < 0 ? -1 : depth + 1);
            comma = flat && depth >= 0 ? ", " : ",";
        }
        if (!list.isEmpty()) newLine(text, inner, 0);
        text.append(']');
    }

    private static void newLine(StringBuilder text, int depth, int deeper) {
        if (depth >= 0) text.append('\n').repeat("  ", depth + deeper);
    }

    /// Appends `value` as a JSON string.
    public static void quote(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f || (Character.isSurrogate(c) && isLone(value, i))) unicode(text, c);
                    else text.append(c);
                }
            }
        }
        text.append('"');
    }

    private static boolean isLone(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c))
            return i + 1 >= value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
        return i == 0 || !Character.isHighSurrogate(value.charAt(i - 1));
    }

    private static void unicode(StringBuilder text, char c) {
        String hex = Integer.toHexString(c);
        text.append("\\u").repeat("0", 4 - hex.length()).append(hex);
    }
}
