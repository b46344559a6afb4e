package dev.tidemark.dist.broker;

import java.nio.file.Path;
import java.util.Map;

/// What a broker runs with when nobody gave it a file: for this machine only, with a data folder of its own.
final class Defaults {
    private Defaults() {}

    static Map<String, String> withoutFile() {
        Path data = Path.of(System.getProperty("user.home"), ".tidemark", "data");
        return Map.of(
                "listeners",
                "PLAINTEXT://localhost:9092",
                "log.dirs",
                data.resolve("logs").toString());
    }
}
