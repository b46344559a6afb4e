package dev.tidemark.base;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.random.RandomGenerator;

/// A 128-bit id of a topic, log directory or group member in Kafka's form: URL-safe base64 of 22 characters.
public record Uuid(long mostSignificantBits, long leastSignificantBits) implements Comparable<Uuid> {
    public static final Uuid ZERO = new Uuid(0, 0);
    private static final Uuid ONE = new Uuid(0, 1);

    /// Chooses a fresh version-4 id; never one of the reserved ids (0 and 1), and never one whose text starts with `-`,
    /// which tools would take for an option.
    public static Uuid random(RandomGenerator random) {
        while (true) {
            long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
            long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            Uuid id = new Uuid(high, low);
            if (!id.equals(ZERO) && !id.equals(ONE) && id.toString().charAt(0) != '-') return id;
        }
    }

    /// Reads the 22-character form.
    ///
    /// @throws IllegalArgumentException if `text` is not the base64 of 16 bytes
    public static Uuid parse(String text) {
        if (text.length() > 24) throw new IllegalArgumentException("not an id of 22 characters: '" + text + "'");
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (bytes.length != 16) throw new IllegalArgumentException("not an id of 16 bytes: '" + text + "'");
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Uuid(buffer.getLong(), buffer.getLong());
    }

    public boolean isZero() {
        return mostSignificantBits == 0 && leastSignificantBits == 0;
    }

    /// Orders by the unsigned value.
    @Override
    public int compareTo(Uuid other) {
        int high = Long.compareUnsigned(mostSignificantBits, other.mostSignificantBits);
        return high != 0 ? high : Long.compareUnsigned(leastSignificantBits, other.leastSignificantBits);
    }

    @Override
    public String toString() {
        ByteBuffer buffer = ByteBuffer.allocate(16);
        buffer.putLong(mostSignificantBits).putLong(leastSignificantBits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
    }
}
