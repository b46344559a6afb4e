package dev.tidemark.protocol.generator;

import dev.tidemark.protocol.generator.FieldType.Array;
import dev.tidemark.protocol.generator.FieldType.Basic;

/// The least number of bytes that a type takes over all versions: what a reader multiplies with an announced count
/// before it believes it.
final class Sizes {
    private Sizes() {}

    static int bytesMin(Schema schema, FieldType type, Versions versions) {
        return switch (type) {
            case Basic basic ->
                schema.flexible().intersect(versions).isEmpty() ? basic.fixedBytesMin : basic.compactBytesMin;
            case FieldType.Struct(String name) -> structBytesMin(schema, schema.struct(name));
            case Array _ -> schema.flexible().intersect(versions).isEmpty() ? 4 : 1;
        };
    }

    private static int structBytesMin(Schema schema, Struct struct) {
        int least = Integer.MAX_VALUE;
        for (int version = struct.versions().lowest();
                version <= struct.versions().highest();
                version++) {
            Versions one = new Versions(version, version);
            int sum = schema.flexible().contains(version) ? 1 : 0;
            for (Field field : struct.fields()) {
                if (!field.versions().contains(version) || field.tagged().contains(version)) continue;
                boolean nullableStruct = field.type() instanceof FieldType.Struct && field.isNullable();
                sum += nullableStruct ? 1 : bytesMin(schema, field.type(), one);
            }
            least = Math.min(least, sum);
        }
        if (least == 0) throw new IllegalArgumentException(schema.name() + "." + struct.name() + " can be empty");
        return least;
    }
}
