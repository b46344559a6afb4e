package dev.tidemark.metadata.store;

/// A node under a watched path was changed. Says nothing about its data: read it again.
public record StoreEvent(Type type, String path) {
    public enum Type {
        CREATED,
        CHANGED,
        DELETED
    }
}
