package dev.tidemark.protocol.codec;

/// Checked narrowing, so that builders can take an `int` for the wire's smaller types.
public final class Narrow {
    private Narrow() {}

    public static byte toByte(int value) {
        if ((byte) value != value) throw outOfRange(value, "8");
        return (byte) value;
    }

    public static short toShort(int value) {
        if ((short) value != value) throw outOfRange(value, "16");
        return (short) value;
    }

    private static IllegalArgumentException outOfRange(int value, String bits) {
        return new IllegalArgumentException(value + " does not fit in " + bits + " bits");
    }
}
