package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import dev.tidemark.metadata.image.FeatureRange;
import java.util.SortedMap;
import java.util.TreeMap;

/// `/feature`: the finalized levels. Written as version 2 (a level by name); version 1 (a range by name) is read too.
public final class FeatureJson {
    private static final int ENABLED = 1;
    private static final int LEVEL_MAX = Short.MAX_VALUE;

    private FeatureJson() {}

    public static Bytes write(SortedMap<String, FeatureRange> finalized) {
        JsonText json = new JsonText()
                .open()
                .field("version", 2)
                .field("status", ENABLED)
                .open("features");
        finalized.forEach((name, range) -> json.field(name, range.maxVersion()));
        return json.close().close().toBytes();
    }

    public static Parsed<SortedMap<String, FeatureRange>> parse(Bytes data) {
        return Parsed.ofObject(data, json -> {
            int version = json.version(2);
            SortedMap<String, FeatureRange> finalized = new TreeMap<>();
            if (json.number("status", 0, ENABLED) != ENABLED) return finalized;
            JsonObject features = json.object("features");
            for (String name : features.names()) finalized.put(name, range(features, name, version));
            return finalized;
        });
    }

    private static FeatureRange range(JsonObject features, String name, int version) {
        if (version >= 2) {
            int level = features.number(name, 0, LEVEL_MAX);
            return new FeatureRange(level, level);
        }
        JsonObject range = features.object(name);
        int min = range.number("min_version_level", 0, LEVEL_MAX);
        return new FeatureRange(min, range.number("max_version_level", min, LEVEL_MAX));
    }
}
