package dev.tidemark.protocol.generator;

import org.jspecify.annotations.Nullable;

/// A range of versions, both ends included; empty where `lowest` is above `highest`.
record Versions(int lowest, int highest) {
    static final Versions NONE = new Versions(0, -1);
    static final int OPEN = Short.MAX_VALUE;

    /// Reads `3`, `3-7`, `3+` or `none`; null is none.
    static Versions parse(@Nullable String text) {
        if (text == null || text.isBlank() || text.trim().equals("none")) return NONE;
        String trimmed = text.trim();
        if (trimmed.endsWith("+")) return new Versions(number(trimmed.substring(0, trimmed.length() - 1)), OPEN);
        int dash = trimmed.indexOf('-');
        if (dash < 0) return new Versions(number(trimmed), number(trimmed));
        return new Versions(number(trimmed.substring(0, dash)), number(trimmed.substring(dash + 1)));
    }

    private static int number(String text) {
        return Integer.parseInt(text.trim());
    }

    boolean isEmpty() {
        return lowest > highest;
    }

    boolean contains(int version) {
        return version >= lowest && version <= highest;
    }

    boolean containsAll(Versions other) {
        return other.isEmpty() || (contains(other.lowest) && contains(other.highest));
    }

    Versions intersect(Versions other) {
        Versions common = new Versions(Math.max(lowest, other.lowest), Math.min(highest, other.highest));
        return common.isEmpty() ? NONE : common;
    }

    /// The Java condition that `v`, known to be within `all`, is within this range; "true" or "false" where that
    /// needs no look.
    String condition(Versions all) {
        Versions inside = intersect(all);
        if (inside.isEmpty()) return "false";
        if (containsAll(all)) return "true";
        if (inside.lowest == inside.highest) return "v == " + inside.lowest;
        if (inside.lowest == all.lowest) return "v <= " + inside.highest;
        if (inside.highest == all.highest) return "v >= " + inside.lowest;
        return "v >= " + inside.lowest + " && v <= " + inside.highest;
    }

    @Override
    public String toString() {
        if (isEmpty()) return "none";
        if (lowest == highest) return "" + lowest;
        return highest == OPEN ? lowest + "+" : lowest + " to " + highest;
    }
}
