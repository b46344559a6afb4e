package dev.tidemark.metadata.json;

import java.util.function.Function;

/// What a znode holds, or why it could not be understood: anybody may write into ZooKeeper.
public sealed interface Parsed<T> {
    record Good<T>(T value) implements Parsed<T> {}

    /// `why` is one line for the log.
    record Bad<T>(String why) implements Parsed<T> {}

    /// Parses a JSON object; whatever it lacks makes the outcome [Bad].
    static <T> Parsed<T> ofObject(dev.tidemark.base.Bytes data, Function<JsonObject, T> reader) {
        try {
            return new Good<>(reader.apply(JsonObject.parse(data)));
        } catch (MalformedJsonException e) {
            return new Bad<>(e.getMessage());
        }
    }
}
