package dev.tidemark.storage.producer;

/// Arithmetic of sequence numbers: 31 bits, 0 follows 2^31-1.
public final class Sequences {
    private Sequences() {}

    public static int plus(int sequence, int increment) {
        return (int) (((long) sequence + increment) & Integer.MAX_VALUE);
    }

    static int minus(int sequence, int decrement) {
        return (int) (((long) sequence - decrement) & Integer.MAX_VALUE);
    }

    /// Whether `one` is nearer before `other` than behind it, on the circle that sequences go round.
    public static boolean isBefore(int one, int other) {
        int distance = minus(other, one);
        return distance != 0 && distance <= Integer.MAX_VALUE / 2;
    }

    /// Whether `next` is what comes after `last`; -1 is before the first.
    static boolean follows(int last, int next) {
        return next == (last == Integer.MAX_VALUE ? 0 : last + 1);
    }
}
