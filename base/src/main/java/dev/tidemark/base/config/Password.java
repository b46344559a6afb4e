package dev.tidemark.base.config;

/// A secret, which no log message shows by mistake.
public record Password(String value) {
    @Override
    public String toString() {
        return "[hidden]";
    }
}
