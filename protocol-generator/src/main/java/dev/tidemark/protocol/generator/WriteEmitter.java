package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;
import java.util.List;
import java.util.stream.Collectors;

/// Emits `void write(Writer out, short v)`.
final class WriteEmitter {
    private final Schema schema;
    private final Struct struct;
    private final boolean root;
    private final Code code;

    WriteEmitter(Schema schema, Struct struct, boolean root, Code code) {
        this.schema = schema;
        this.struct = struct;
        this.root = root;
        this.code = code;
    }

    void emit() {
        code.line("@Override").line("public void write(Writer out, short v) {");
        if (root) MessageEmitter.versionCheck(schema, code);
        MessageEmitter.flexibleVariable(schema, struct, code);
        for (Field field : struct.fields()) {
            refuseUnfit(field);
            positional(field);
        }
        tags();
        code.line("}");
    }

    /// A value that the version cannot carry and must not drop.
    private void refuseUnfit(Field field) {
        String present = field.versions().condition(struct.versions());
        if (!field.ignorable() && !present.equals("true")) {
            String absent = present.equals("false") ? "" : negated(present) + " && ";
            code.line("if (" + absent + Defaults.differs(field) + ")");
            code.nested("throw UnsupportedVersionException.field(\"" + fullName(field) + "\", v);");
        }
        if (!field.isNullable()) return;
        String nullable = field.nullable().condition(field.versions());
        if (nullable.equals("true")) return;
        String alsoPresent = present.equals("true") ? "" : present + " && ";
        code.line("if (" + alsoPresent + negated(nullable) + " && " + field.name() + " == null)");
        code.nested("throw UnsupportedVersionException.ofNull(\"" + fullName(field) + "\", v);");
    }

    private static String negated(String condition) {
        if (condition.contains("&&")) return "!(" + condition + ")";
        if (condition.contains(">=")) return condition.replace(">=", "<");
        if (condition.contains("<=")) return condition.replace("<=", ">");
        return condition.replace("==", "!=");
    }

    private String fullName(Field field) {
        return (root ? "" : schema.name() + ".") + struct.name() + "." + field.name();
    }

    private void positional(Field field) {
        String condition = MessageEmitter.positional(field).condition(struct.versions());
        if (condition.equals("false")) return;
        boolean always = condition.equals("true");
        if (field.type() instanceof FieldType.Struct && field.isNullable()) {
            if (!always) code.line("if (" + condition + ") {");
            nullableStruct(field, -1);
            if (!always) code.line("}");
        } else {
            code.line((always ? "" : "if (" + condition + ") ") + write(field, field.isNullable()));
        }
    }

    private void nullableStruct(Field field, int absent) {
        code.line("out.writeByte((byte) (" + field.name() + " == null ? " + absent + " : 1));");
        code.line("if (" + field.name() + " != null) " + field.name() + ".write(out, v);");
    }

    private String write(Field field, boolean nullable) {
        String prefix = nullable ? "out.writeNullable" : "out.write";
        String arguments = "(" + field.name() + ", " + MessageEmitter.compact(schema, struct, field);
        return switch (field.type()) {
            case Basic basic when basic.hasLength() -> prefix + basic.codec + arguments + ");";
            case Basic basic -> "out.write" + basic.codec + "(" + field.name() + ");";
            case FieldType.Struct _ -> field.name() + ".write(out, v);";
            case Array(Basic basic)
            when basic == Basic.STRING || basic == Basic.INT32 -> prefix + basic.codec + "List" + arguments + ");";
            case Array(Basic basic) -> prefix + "Elements" + arguments + ", Writer::write" + basic.codec + ");";
            case Array _ -> prefix + "List" + arguments + ", v);";
        };
    }

    private void tags() {
        String flexible = schema.flexible().condition(struct.versions());
        if (flexible.equals("false")) return;
        List<Field> tagged = ReadEmitter.tagged(struct);
        if (tagged.isEmpty()) {
            code.line((flexible.equals("true") ? "" : "if (flexible) ") + "out.writeUnsignedVarint(0);");
            return;
        }
        if (!flexible.equals("true")) code.line("if (flexible) {");
        for (Field field : tagged) code.line("boolean " + flag(field) + " = " + isSet(field) + ";");
        String count =
                tagged.stream().map(field -> "(" + flag(field) + " ? 1 : 0)").collect(Collectors.joining(" + "));
        code.line("out.writeUnsignedVarint(" + count + ");");
        for (Field field : tagged) tag(field);
        if (!flexible.equals("true")) code.line("}");
    }

    private String isSet(Field field) {
        String condition = field.tagged().condition(schema.flexible().intersect(struct.versions()));
        return (condition.equals("true") ? "" : condition + " && ") + Defaults.differs(field);
    }

    private static String flag(Field field) {
        return "has" + Character.toUpperCase(field.name().charAt(0))
                + field.name().substring(1);
    }

    private void tag(Field field) {
        code.line("if (" + flag(field) + ") {").line("int mark = out.beginTag(" + field.tag() + ");");
        if (field.type() instanceof FieldType.Struct && field.isNullable()) nullableStruct(field, 0);
        else code.line(write(field, field.isNullable()));
        code.line("out.endTag(mark);").line("}");
    }
}
