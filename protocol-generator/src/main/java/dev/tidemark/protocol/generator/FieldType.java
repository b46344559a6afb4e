package dev.tidemark.protocol.generator;

/// The type of a field.
sealed interface FieldType {
    /// The basic types: their name in the definitions, the Java type and its box, the suffix of the codec's methods,
    /// and the least number of bytes in fixed and in compact form.
    enum Basic implements FieldType {
        BOOL("bool", "boolean", "Boolean", "Boolean", 1, 1),
        INT8("int8", "byte", "Byte", "Byte", 1, 1),
        INT16("int16", "short", "Short", "Short", 2, 2),
        UINT16("uint16", "int", "Integer", "UnsignedShort", 2, 2),
        INT32("int32", "int", "Integer", "Int", 4, 4),
        UINT32("uint32", "long", "Long", "UnsignedInt", 4, 4),
        INT64("int64", "long", "Long", "Long", 8, 8),
        FLOAT64("float64", "double", "Double", "Double", 8, 8),
        UUID("uuid", "Uuid", "Uuid", "Uuid", 16, 16),
        STRING("string", "String", "String", "String", 2, 1),
        BYTES("bytes", "Bytes", "Bytes", "Bytes", 4, 1),
        RECORDS("records", "RecordBytes", "RecordBytes", "Records", 4, 1);

        final String schemaName;
        final String javaName;
        final String box;
        final String codec;
        final int fixedBytesMin;
        final int compactBytesMin;

        Basic(String schemaName, String javaName, String box, String codec, int fixedBytesMin, int compactBytesMin) {
            this.schemaName = schemaName;
            this.javaName = javaName;
            this.box = box;
            this.codec = codec;
            this.fixedBytesMin = fixedBytesMin;
            this.compactBytesMin = compactBytesMin;
        }

        /// Whether it has a length in front, whose form depends on the version.
        boolean hasLength() {
            return this == STRING || this == BYTES || this == RECORDS;
        }

        boolean isPrimitive() {
            return !hasLength() && this != UUID;
        }
    }

    record Struct(String name) implements FieldType {}

    record Array(FieldType element) implements FieldType {}

    static FieldType parse(String text) {
        if (text.startsWith("[]")) return new Array(parse(text.substring(2)));
        for (Basic basic : Basic.values()) if (basic.schemaName.equals(text)) return basic;
        if (!Character.isUpperCase(text.charAt(0))) throw new IllegalArgumentException("unknown type " + text);
        return new Struct(text);
    }

    default String javaName() {
        return switch (this) {
            case Basic basic -> basic.javaName;
            case Struct struct -> struct.name;
            case Array(Basic basic) -> "List<" + basic.box + ">";
            case Array(FieldType element) -> "List<" + element.javaName() + ">";
        };
    }
}
