package dev.tidemark.base;

/// Invariants that are always on. A failed check is a bug: it stops the owner of the state that it guards.
public final class Check {
    private Check() {}

    /// A broken invariant.
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    public static void that(boolean condition, String message) {
        if (!condition) throw new Failed(message);
    }

    /// `message` is a format for [String#format]; it is built only on failure.
    public static void that(boolean condition, String message, Object... arguments) {
        if (!condition) throw new Failed(String.format(message, arguments));
    }

    public static Failed failed(String message) {
        return new Failed(message);
    }
}
