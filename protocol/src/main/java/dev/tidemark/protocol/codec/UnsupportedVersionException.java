package dev.tidemark.protocol.codec;

/// A version that a message does not have, or a value that the chosen version cannot carry.
public final class UnsupportedVersionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnsupportedVersionException(String message) {
        super(message);
    }

    public static UnsupportedVersionException version(String message, short version, int lowest, int highest) {
        return new UnsupportedVersionException(
                message + " has no version " + version + ", only " + lowest + " to " + highest);
    }

    public static UnsupportedVersionException field(String field, short version) {
        return new UnsupportedVersionException(field + " has a value that version " + version + " cannot carry");
    }

    public static UnsupportedVersionException ofNull(String field, short version) {
        return new UnsupportedVersionException(field + " may not be null in version " + version);
    }
}
