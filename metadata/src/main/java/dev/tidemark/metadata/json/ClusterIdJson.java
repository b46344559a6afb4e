package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;

/// `/cluster/id`.
public final class ClusterIdJson {
    private ClusterIdJson() {}

    public static Bytes write(String clusterId) {
        return new JsonText()
                .open()
                .field("version", "1")
                .field("id", clusterId)
                .close()
                .toBytes();
    }

    public static Parsed<String> parse(Bytes data) {
        return Parsed.ofObject(data, json -> json.text("id"));
    }
}
