package dev.tidemark.base;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// An immutable sequence of bytes with value equality: what the wire's `bytes` fields become.
/// The array given to [#wrap] must not be changed afterwards.
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    /// Copies what remains of `buffer`; its position stays.
    public static Bytes copyOf(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(buffer.position(), copy);
        return wrap(copy);
    }

    public static Bytes utf8(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    public int size() {
        return array.length;
    }

    public boolean isEmpty() {
        return array.length == 0;
    }

    /// A read-only view.
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(array).asReadOnlyBuffer();
    }

    public byte[] toByteArray() {
        return array.clone();
    }

    public void putInto(ByteBuffer target) {
        target.put(array);
    }

    public String toUtf8() {
        return new String(array, StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    /// The first bytes in hexadecimal, and the size.
    @Override
    public String toString() {
        int shown = Math.min(array.length, 16);
        return "Bytes[" + array.length + ":" + HexFormat.of().formatHex(array, 0, shown)
                + (shown < array.length ? "…]" : "]");
    }
}
