package dev.tidemark.metadata.image;

import java.util.Comparator;

/// What a dynamic config belongs to. The cluster-wide default of all brokers is [#DEFAULT_BROKER].
public record ConfigResource(Type type, String name) implements Comparable<ConfigResource> {
    /// Kafka's resource types, with the ids of the wire protocol.
    public enum Type {
        TOPIC(2),
        BROKER(4),
        CLIENT_METRICS(16),
        GROUP(32);

        private final int id;

        Type(int id) {
            this.id = id;
        }

        public int id() {
            return id;
        }

        public static java.util.Optional<Type> forId(int id) {
            for (Type type : values()) if (type.id == id) return java.util.Optional.of(type);
            return java.util.Optional.empty();
        }
    }

    public static final ConfigResource DEFAULT_BROKER = new ConfigResource(Type.BROKER, "");

    private static final Comparator<ConfigResource> ORDER =
            Comparator.comparing(ConfigResource::type).thenComparing(ConfigResource::name);

    public static ConfigResource topic(String name) {
        return new ConfigResource(Type.TOPIC, name);
    }

    public static ConfigResource broker(int id) {
        return new ConfigResource(Type.BROKER, Integer.toString(id));
    }

    public static ConfigResource group(String id) {
        return new ConfigResource(Type.GROUP, id);
    }

    public static ConfigResource clientMetrics(String name) {
        return new ConfigResource(Type.CLIENT_METRICS, name);
    }

    @Override
    public int compareTo(ConfigResource other) {
        return ORDER.compare(this, other);
    }
}
