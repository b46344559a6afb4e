package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Emits `static X read(Reader in, short v)`.
final class ReadEmitter {
    private final Schema schema;
    private final Struct struct;
    private final boolean root;
    private final Code code;

    ReadEmitter(Schema schema, Struct struct, boolean root, Code code) {
        this.schema = schema;
        this.struct = struct;
        this.root = root;
        this.code = code;
    }

    void emit() {
        code.line("public static " + struct.name() + " read(Reader in, short v) {");
        if (root) MessageEmitter.versionCheck(schema, code);
        MessageEmitter.flexibleVariable(schema, struct, code);
        for (Field field : struct.fields()) positional(field);
        tags();
        String arguments = struct.fields().stream().map(Field::name).collect(Collectors.joining(", "));
        code.line("return new " + struct.name() + "(" + arguments + ");").line("}");
    }

    private void positional(Field field) {
        Versions present = MessageEmitter.positional(field);
        String condition = present.condition(struct.versions());
        String value = switch (condition) {
            case "true" -> read(field, present);
            case "false" -> Defaults.expression(field);
            default -> condition + " ? " + inBranch(read(field, present)) + " : " + Defaults.expression(field);
        };
        code.line(MessageEmitter.javaType(field) + " " + field.name() + " = " + value + ";");
    }

    private static String inBranch(String expression) {
        return expression.contains(" ? ") ? "(" + expression + ")" : expression;
    }

    private String read(Field field, Versions present) {
        if (!field.isNullable()) return read(field, false);
        String nullable = field.nullable().condition(present);
        if (nullable.equals("true")) return read(field, true);
        if (nullable.equals("false")) return read(field, false);
        return nullable + " ? " + read(field, true) + " : " + read(field, false);
    }

    private String read(Field field, boolean nullable) {
        String prefix = nullable ? "in.readNullable" : "in.read";
        String compact = MessageEmitter.compact(schema, struct, field);
        return switch (field.type()) {
            case Basic basic when basic.hasLength() -> prefix + basic.codec + "(" + compact + ")";
            case Basic basic -> "in.read" + basic.codec + "()";
            case FieldType.Struct(String name) ->
                (nullable ? "in.readByte() < 0 ? null : " : "") + name + ".read(in, v)";
            case Array(Basic basic)
            when basic == Basic.STRING || basic == Basic.INT32 -> prefix + basic.codec + "List(" + compact + ")";
            case Array(Basic basic) ->
                prefix + "Elements(" + compact + ", " + basic.fixedBytesMin + ", Reader::read" + basic.codec + ")";
            case Array(FieldType.Struct(String name)) ->
                prefix + "List(" + compact + ", " + elementBytesMin(field) + ", v, " + name + "::read)";
            case Array(Array _) -> throw new IllegalArgumentException("an array of arrays: " + field);
        };
    }

    private int elementBytesMin(Field field) {
        FieldType element = ((Array) field.type()).element();
        return Sizes.bytesMin(schema, element, field.versions());
    }

    private void tags() {
        String flexible = schema.flexible().condition(struct.versions());
        if (flexible.equals("false")) return;
        List<Field> tagged = tagged(struct);
        if (tagged.isEmpty()) {
            code.line(flexible.equals("true") ? "in.skipTags();" : "if (flexible) in.skipTags();");
            return;
        }
        if (!flexible.equals("true")) code.line("if (flexible) {");
        code.line("for (int tags = in.readTagCount(), tag = -1; tags > 0; tags--) {");
        code.line("tag = in.readTag(tag);").line("int tagEnd = in.readTagEnd();");
        String otherwise = "";
        for (Field field : tagged) {
            String condition = field.tagged().condition(schema.flexible().intersect(struct.versions()));
            String also = condition.equals("true") ? "" : " && " + condition;
            code.line(otherwise + "if (tag == " + field.tag() + also + ") {");
            code.line(field.name() + " = " + readTagged(field) + ";");
            otherwise = "} else ";
        }
        code.line("} else {")
                .line("in.skipTag(tagEnd);")
                .line("}")
                .line("in.expectTagEnd(tag, tagEnd);")
                .line("}");
        if (!flexible.equals("true")) code.line("}");
    }

    /// A nullable structure begins with a byte: 1 or -1 in its place among the fields, but 1 or 0 in a tag.
    private String readTagged(Field field) {
        if (!field.isNullable() || !(field.type() instanceof FieldType.Struct(String name)))
            return read(field, field.tagged());
        return "in.readUnsignedVarint() == 0 ? null : " + name + ".read(in, v)";
    }

    static List<Field> tagged(Struct struct) {
        return struct.fields().stream()
                .filter(field -> !field.tagged().isEmpty())
                .sorted(Comparator.comparingInt(Field::tag))
                .toList();
    }
}
