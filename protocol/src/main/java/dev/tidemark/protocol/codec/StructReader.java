package dev.tidemark.protocol.codec;

/// Reads one structure; generated messages give their `read` method.
@FunctionalInterface
public interface StructReader<T> {
    T read(Reader in, short version);
}
