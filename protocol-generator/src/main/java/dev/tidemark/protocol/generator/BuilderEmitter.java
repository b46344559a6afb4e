package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;
import java.util.stream.Collectors;

/// Emits `builder()`, `toBuilder()` and the builder.
final class BuilderEmitter {
    private final Struct struct;
    private final Code code;

    BuilderEmitter(Struct struct, Code code) {
        this.struct = struct;
        this.code = code;
    }

    void emit() {
        code.line("/// All fields have the schema's defaults.");
        code.line("public static Builder builder() {")
                .line("return new Builder();")
                .line("}")
                .blank();
        code.line("public Builder toBuilder() {").line("Builder builder = new Builder();");
        for (Field field : struct.fields()) code.line("builder." + field.name() + " = " + field.name() + ";");
        code.line("return builder;").line("}").blank();
        code.line("public static final class Builder {");
        for (Field field : struct.fields())
            code.line("private " + MessageEmitter.javaType(field) + " " + field.name() + " = "
                    + Defaults.expression(field) + ";");
        code.blank().line("private Builder() {}");
        for (Field field : struct.fields()) setter(field);
        String arguments = struct.fields().stream().map(Field::name).collect(Collectors.joining(", "));
        code.blank().line("public " + struct.name() + " build() {");
        code.line("return new " + struct.name() + "(" + arguments + ");")
                .line("}")
                .line("}");
    }

    private void setter(Field field) {
        code.blank().line("public Builder " + field.name() + "(" + parameterType(field) + " value) {");
        code.line("this." + field.name() + " = " + stored(field) + ";")
                .line("return this;")
                .line("}");
        if (!field.isErrorCode()) return;
        code.blank().line("public Builder errorCode(ErrorCode value) {");
        code.line("this.errorCode = value.code();").line("return this;").line("}");
    }

    /// The small integers take an `int`, which is checked.
    private static String parameterType(Field field) {
        return field.type() == Basic.INT8 || field.type() == Basic.INT16 ? "int" : MessageEmitter.javaType(field);
    }

    private static String stored(Field field) {
        return switch (field.type()) {
            case Basic.INT8 -> "Narrow.toByte(value)";
            case Basic.INT16 -> "Narrow.toShort(value)";
            case Array _ when field.isNullable() -> "value == null ? null : FixedList.copyOf(value)";
            case Array _ -> "FixedList.copyOf(value)";
            default -> "value";
        };
    }
}
