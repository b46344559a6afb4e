package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes compact JSON, its fields in the order in which they are given.
final class JsonText {
    private final StringBuilder out = new StringBuilder(128);
    private boolean first = true;

    JsonText open() {
        out.append('{');
        first = true;
        return this;
    }

    JsonText open(String name) {
        name(name);
        return open();
    }

    JsonText close() {
        out.append('}');
        first = false;
        return this;
    }

    JsonText field(String name, @Nullable String value) {
        name(name);
        if (value == null) out.append("null");
        else quoted(value);
        return this;
    }

    JsonText field(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    JsonText field(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    JsonText numbers(String name, List<Integer> values) {
        name(name);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) out.append(',');
            out.append(values.get(i).intValue());
        }
        out.append(']');
        return this;
    }

    JsonText texts(String name, List<String> values) {
        name(name);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) out.append(',');
            quoted(values.get(i));
        }
        out.append(']');
        return this;
    }

    Bytes toBytes() {
        return Bytes.utf8(out.toString());
    }

    private void name(String name) {
        if (!first) out.append(',');
        first = false;
        quoted(name);
        out.append(':');
    }

    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c)) out.append(String.format("\\u%04X", (int) c));
                    else out.append(c);
                }
            }
        }
        out.append('"');
    }
}
