package dev.tidemark.storage.dump;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One line of a dump: what it is of (`batch`, `record`, `index`, `problem`, …), then names and values, which are
/// numbers, booleans, texts, or texts by name (a record's headers).
public final class DumpRow {
    private final String kind;
    private final List<Map.Entry<String, Object>> fields = new ArrayList<>();

    DumpRow(String kind) {
        this.kind = kind;
    }

    DumpRow with(String name, Object value) {
        fields.add(Map.entry(name, value));
        return this;
    }

    public String kind() {
        return kind;
    }

    /// The first value of that name, as text; empty if there is none.
    public String value(String name) {
        for (Map.Entry<String, Object> field : fields) {
            if (field.getKey().equals(name)) return String.valueOf(field.getValue());
        }
        return "";
    }

    public boolean isProblem() {
        return kind.equals("problem");
    }

    /// `batch  baseOffset: 0  lastOffset: 4 …`; control characters are shown as escapes.
    public String toText() {
        StringBuilder text = new StringBuilder(kind.equals("record") ? "| record" : kind);
        for (Map.Entry<String, Object> field : fields) {
            text.append("  ").append(field.getKey()).append(": ");
            escape(text, String.valueOf(field.getValue()), false);
        }
        return text.toString();
    }

    /// `{"kind":"batch","baseOffset":0,…}`
    public String toJson() {
        StringBuilder json = new StringBuilder("{\"kind\":\"").append(kind).append('"');
        for (Map.Entry<String, Object> field : fields) {
            json.append(",\"").append(field.getKey()).append("\":");
            appendJson(json, field.getValue());
        }
        return json.append('}').toString();
    }

    private static void appendJson(StringBuilder json, Object value) {
        switch (value) {
            case Number number -> json.append(number);
            case Boolean truth -> json.append(truth.booleanValue());
            case List<?> entries -> {
                json.append('[');
                for (int i = 0; i < entries.size(); i++) {
                    if (i > 0) json.append(',');
                    appendJson(json, entries.get(i));
                }
                json.append(']');
            }
            default -> {
                json.append('"');
                escape(json, value.toString(), true);
                json.append('"');
            }
        }
    }

    private static void escape(StringBuilder target, String text, boolean isJson) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isJson && (c == '"' || c == '\\')) target.append('\\').append(c);
            else if (c < 0x20 || c == 0x7F) target.append(String.format("\\u%04x", (int) c));
            else target.append(c);
        }
    }

    @Override
    public String toString() {
        return toText();
    }
}
