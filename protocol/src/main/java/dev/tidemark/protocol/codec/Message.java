package dev.tidemark.protocol.codec;

/// A message, or a structure within one, that can write itself in any of its versions.
public interface Message {
    /// @throws UnsupportedVersionException if a field that `version` lacks has a value that must not be dropped
    void write(Writer out, short version);
}
