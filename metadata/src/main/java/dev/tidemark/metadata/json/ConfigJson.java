package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import java.util.SortedMap;
import java.util.TreeMap;

/// `/config/<type>/<name>`.
public final class ConfigJson {
    private ConfigJson() {}

    public static Bytes write(SortedMap<String, String> entries) {
        JsonText json = new JsonText().open().field("version", 1).open("config");
        entries.forEach(json::field);
        return json.close().close().toBytes();
    }

    public static Parsed<SortedMap<String, String>> parse(Bytes data) {
        return Parsed.ofObject(data, json -> {
            json.version(1);
            JsonObject config = json.object("config");
            SortedMap<String, String> entries = new TreeMap<>();
            for (String key : config.names()) entries.put(key, config.text(key));
            return entries;
        });
    }
}
