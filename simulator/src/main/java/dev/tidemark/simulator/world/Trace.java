package dev.tidemark.simulator.world;

/// A running hash over all that happens in a world: when, to whom, and every byte on the network. Two runs of one seed
/// end with the same one.
public final class Trace {
    private static final long PRIME = 0x100000001B3L;

    private long hash = 0xCBF29CE484222325L;

    void note(long first, long second) {
        mix(first);
        mix(second);
    }

    private void mix(long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> 29;
    }

    /// Bytes that somebody got.
    public void note(byte[] bytes) {
        long part = bytes.length;
        for (byte each : bytes) part = part * 31 + each;
        mix(part);
    }

    public void note(long value) {
        mix(value);
    }

    public long hash() {
        return hash;
    }
}
