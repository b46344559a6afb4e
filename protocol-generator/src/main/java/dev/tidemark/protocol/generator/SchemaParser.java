package dev.tidemark.protocol.generator;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a message definition: JSON with `//` comments.
final class SchemaParser {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

    private final Map<String, Struct> structs = new LinkedHashMap<>();

    private SchemaParser() {}

    static Schema parse(InputStream json) throws IOException {
        return new SchemaParser().schema(MAPPER.readTree(json));
    }

    private Schema schema(JsonNode json) {
        String name = json.get("name").asText();
        Versions versions = Versions.parse(text(json, "validVersions"));
        for (JsonNode common : json.path("commonStructs")) {
            Versions own = Versions.parse(text(common, "versions")).intersect(versions);
            String structName = common.get("name").asText();
            structs.put(structName, new Struct(structName, own, fields(common.path("fields"), own)));
        }
        Struct root = new Struct(name, versions, fields(json.path("fields"), versions));
        int stable = versions.highest() - (json.path("latestVersionUnstable").asBoolean() ? 1 : 0);
        List<String> listeners = new ArrayList<>();
        for (JsonNode listener : json.path("listeners")) listeners.add(listener.asText());
        return new Schema(
                Schema.Kind.valueOf(json.get("type")
                        .asText()
                        .toUpperCase(java.util.Locale.ROOT)
                        .replace('-', '_')),
                json.path("apiKey").asInt(-1),
                name,
                versions,
                stable,
                Versions.parse(text(json, "flexibleVersions")),
                root,
                structs,
                listeners);
    }

    private List<Field> fields(JsonNode array, Versions parent) {
        List<Field> fields = new ArrayList<>();
        for (JsonNode json : array) fields.add(field(json, parent));
        return fields;
    }

    private Field field(JsonNode json, Versions parent) {
        String name = json.get("name").asText();
        FieldType type = FieldType.parse(json.get("type").asText());
        Versions tagged = Versions.parse(text(json, "taggedVersions"));
        String versionsText = text(json, "versions");
        Versions versions = versionsText == null ? tagged : Versions.parse(versionsText);
        if (json.has("fields")) addStruct(type, json.get("fields"), versions.intersect(parent));
        return new Field(
                Character.toLowerCase(name.charAt(0)) + name.substring(1),
                type,
                versions.intersect(parent),
                Versions.parse(text(json, "nullableVersions")).intersect(parent),
                tagged.intersect(parent),
                json.path("tag").asInt(-1),
                text(json, "default"),
                json.path("ignorable").asBoolean(),
                "none".equals(text(json, "flexibleVersions")));
    }

    private void addStruct(FieldType type, JsonNode fields, Versions versions) {
        FieldType element = type instanceof FieldType.Array(FieldType inner) ? inner : type;
        if (!(element instanceof FieldType.Struct(String structName)))
            throw new IllegalArgumentException("fields within " + type);
        if (structs.containsKey(structName)) throw new IllegalArgumentException("twice: " + structName);
        structs.put(structName, new Struct(structName, versions, List.of()));
        structs.put(structName, new Struct(structName, versions, fields(fields, versions)));
    }

    /// A JSON null is as good as nothing: a default of null is written as the text "null".
    private static @Nullable String text(JsonNode json, String key) {
        JsonNode node = json.get(key);
        return node == null || node.isNull() ? null : node.asText();
    }
}
