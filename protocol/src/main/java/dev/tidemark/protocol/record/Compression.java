package dev.tidemark.protocol.record;

/// A compression with its level.
public record Compression(CompressionType type, int level) {
    public static final Compression NONE = of(CompressionType.NONE);

    public Compression {
        if (!type.isValidLevel(level))
            throw new IllegalArgumentException(
                    "level " + level + " for " + type.configName() + ": " + type.levelMin() + " to " + type.levelMax());
    }

    /// At the level that Kafka takes by default.
    public static Compression of(CompressionType type) {
        return new Compression(type, type.levelDefault());
    }
}
