package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;

/// Java expressions for a field's default and for the question whether a value differs from it.
final class Defaults {
    private Defaults() {}

    static String expression(Field field) {
        if (field.hasNullDefault()) return "null";
        return switch (field.type()) {
            case Basic basic -> basic(basic, field.defaultText() == null ? "" : field.defaultText());
            case FieldType.Struct struct -> struct.name() + ".DEFAULT";
            case Array _ -> "List.of()";
        };
    }

    private static String basic(Basic basic, String text) {
        return switch (basic) {
            case BOOL -> text.isEmpty() ? "false" : text;
            case INT8, INT16, UINT16, INT32 -> "" + integer(text);
            case UINT32, INT64 -> integer(text) + "L";
            case FLOAT64 -> text.isEmpty() ? "0.0" : "" + Double.parseDouble(text);
            case UUID -> "Uuid.ZERO";
            case STRING -> "\"" + text + "\"";
            case BYTES -> "Bytes.EMPTY";
            case RECORDS -> "MemoryRecords.EMPTY";
        };
    }

    private static long integer(String text) {
        return text.isEmpty() ? 0 : Long.decode(text);
    }

    /// The condition that the field's value is not its default.
    static String differs(Field field) {
        String name = field.name();
        String value = expression(field);
        if (value.equals("null")) return name + " != null";
        return switch (field.type()) {
            case Basic.BOOL -> value.equals("true") ? "!" + name : name;
            case Basic basic when basic.isPrimitive() -> name + " != " + value;
            case Array _ ->
                field.isNullable() ? "(" + name + " == null || !" + name + ".isEmpty())" : "!" + name + ".isEmpty()";
            default ->
                field.isNullable() ? "!" + value + ".equals(" + name + ")" : "!" + name + ".equals(" + value + ")";
        };
    }
}
