package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/// Emits the Java file of one message: a record with a nested record per structure.
final class MessageEmitter {
    private final Schema schema;
    private final Code code = new Code();
    private final Set<String> structsWithDefault = new LinkedHashSet<>();

    private MessageEmitter(Schema schema) {
        this.schema = schema;
        findStructsWithDefault(schema.root());
        schema.structs().values().forEach(this::findStructsWithDefault);
    }

    static String emit(Schema schema) {
        return new MessageEmitter(schema).file();
    }

    static String packageOf(Schema schema) {
        return schema.isInternalTopic() ? "dev.tidemark.protocol.internaltopic" : "dev.tidemark.protocol.message";
    }

    private void findStructsWithDefault(Struct struct) {
        for (Field field : struct.fields())
            if (field.type() instanceof FieldType.Struct(String name) && !field.hasNullDefault())
                structsWithDefault.add(name);
    }

    private String file() {
        Code head = new Code();
        head.line("// Generated from Kafka's message definitions; changes will be lost.");
        head.line("package " + packageOf(schema) + ";").blank();
        record(schema.root(), true);
        String body = code.toString();
        for (String type : imports(body)) head.line("import " + type + ";");
        return head.blank() + body;
    }

    private static Set<String> imports(String body) {
        String[] candidates = {
            "dev.tidemark.base.Bytes",
            "dev.tidemark.base.Uuid",
            "dev.tidemark.protocol.ApiKey",
            "dev.tidemark.protocol.ErrorCode",
            "dev.tidemark.protocol.codec.FixedList",
            "dev.tidemark.protocol.codec.Message",
            "dev.tidemark.protocol.codec.Narrow",
            "dev.tidemark.protocol.codec.Reader",
            "dev.tidemark.protocol.codec.UnsupportedVersionException",
            "dev.tidemark.protocol.codec.Writer",
            "dev.tidemark.protocol.record.MemoryRecords",
            "dev.tidemark.protocol.record.RecordBytes",
            "java.util.List",
            "org.jspecify.annotations.Nullable"
        };
        Set<String> imports = new TreeSet<>();
        for (String type : candidates) {
            String simple = type.substring(type.lastIndexOf('.') + 1);
            if (body.matches("(?s).*\\b" + simple + "\\b.*")) imports.add(type);
        }
        return imports;
    }

    private void record(Struct struct, boolean root) {
        if (root) rootDoc();
        else code.blank().line("/// In versions " + struct.versions() + ".");
        header(struct, root);
        if (root) rootConstants();
        if (structsWithDefault.contains(struct.name()))
            code.line("public static final " + struct.name() + " DEFAULT = builder().build();")
                    .blank();
        new ReadEmitter(schema, struct, root, code).emit();
        code.blank();
        new WriteEmitter(schema, struct, root, code).emit();
        code.blank();
        new BuilderEmitter(struct, code).emit();
        if (root) for (Struct nested : schema.structs().values()) record(nested, false);
        code.line("}");
    }

    private void rootDoc() {
        String what = switch (schema.kind()) {
            case REQUEST, RESPONSE -> ", API key " + schema.apiKey();
            case COORDINATOR_KEY, COORDINATOR_VALUE -> ", record type " + schema.apiKey();
            case HEADER, DATA -> "";
        };
        code.line("/// Kafka's `" + schema.name() + "`" + what + ": versions " + schema.versions() + ", flexible "
                + schema.flexible() + ".");
    }

    private void header(Struct struct, boolean root) {
        String declaration = "public record " + struct.name() + "(";
        String implemented = ") implements " + (root ? rootInterface() : "Message") + " {";
        if (struct.fields().isEmpty()) {
            code.line(declaration + implemented);
            return;
        }
        code.line(declaration);
        for (int i = 0; i < struct.fields().size(); i++) {
            Field field = struct.fields().get(i);
            boolean last = i == struct.fields().size() - 1;
            note(struct, field);
            code.continued(javaType(field) + " " + field.name() + (last ? implemented : ","));
        }
        code.indent();
    }

    /// What of a component depends on the version.
    private void note(Struct struct, Field field) {
        StringBuilder note = new StringBuilder();
        if (!field.versions().containsAll(struct.versions()))
            note.append(", versions ").append(field.versions());
        if (!field.tagged().isEmpty()) note.append(", tag ").append(field.tag());
        if (field.isNullable() && !field.nullable().containsAll(field.versions()))
            note.append(", nullable in ").append(field.nullable());
        if (field.defaultText() != null && !field.defaultText().isEmpty() && !field.hasNullDefault())
            note.append(", default ").append(field.defaultText());
        if (field.ignorable() && !field.versions().containsAll(struct.versions())) note.append(", ignorable");
        if (!note.isEmpty()) code.continued("// " + note.substring(2));
    }

    private String rootInterface() {
        return switch (schema.kind()) {
            case REQUEST -> "Request";
            case RESPONSE -> "Response";
            default -> "Message";
        };
    }

    private void rootConstants() {
        code.line("public static final short LOWEST_VERSION = "
                + schema.versions().lowest() + ";");
        code.line("public static final short HIGHEST_VERSION = "
                + schema.versions().highest() + ";");
        if (schema.isInternalTopic() && schema.apiKey() >= 0)
            code.line("public static final short RECORD_TYPE = " + schema.apiKey() + ";");
        code.blank();
        if (schema.kind() == Schema.Kind.REQUEST || schema.kind() == Schema.Kind.RESPONSE) {
            code.line("@Override").line("public ApiKey apiKey() {");
            code.line("return ApiKey." + ApiKeyEmitter.constant(schema.name()) + ";")
                    .line("}")
                    .blank();
        }
    }

    static String javaType(Field field) {
        String type = field.type().javaName();
        return field.isNullable() ? "@Nullable " + type : type;
    }

    /// How the length's form is chosen: a constant where all versions of `within` agree.
    static String compact(Schema schema, Struct within, Field field) {
        if (field.neverCompact()) return "false";
        String condition = schema.flexible().condition(within.versions());
        return condition.equals("true") || condition.equals("false") ? condition : "flexible";
    }

    /// Emits the variable `flexible` where versions differ.
    static void flexibleVariable(Schema schema, Struct struct, Code code) {
        String condition = schema.flexible().condition(struct.versions());
        if (!condition.equals("true") && !condition.equals("false")) code.line("boolean flexible = " + condition + ";");
    }

    static void versionCheck(Schema schema, Code code) {
        code.line("if (v < LOWEST_VERSION || v > HIGHEST_VERSION)");
        code.nested("throw UnsupportedVersionException.version(\"" + schema.name()
                + "\", v, LOWEST_VERSION, HIGHEST_VERSION);");
    }

    static Versions positional(Field field) {
        if (field.tagged().isEmpty()) return field.versions();
        Versions before = new Versions(field.versions().lowest(), field.tagged().lowest() - 1);
        return before.isEmpty() ? Versions.NONE : before;
    }

    static boolean isElementList(FieldType type) {
        return type instanceof Array(Basic basic) && basic != Basic.STRING && basic != Basic.INT32;
    }
}
