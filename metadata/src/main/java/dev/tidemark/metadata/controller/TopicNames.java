package dev.tidemark.metadata.controller;

import dev.tidemark.metadata.image.TopicImage;
import dev.tidemark.metadata.image.TopicsImage;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// What a topic may be called. The same test is for names from clients, from ZooKeeper and from folders on disk.
public final class TopicNames {
    public static final int LENGTH_MAX = 249;

    private static final Set<String> INTERNAL =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata");

    private TopicNames() {}

    /// Why the name is not valid, in words for the caller; empty where it is.
    public static Optional<String> refusal(String name) {
        if (name.isEmpty()) return Optional.of("a topic's name cannot be empty");
        if (name.length() > LENGTH_MAX) {
            return Optional.of("a topic's name cannot be longer than " + LENGTH_MAX + " characters, this one has "
                    + name.length());
        }
        if (name.equals(".") || name.equals("..")) return Optional.of("a topic cannot be called '" + name + "'");
        for (int i = 0; i < name.length(); i++) {
            if (!isAllowed(name.charAt(i))) {
                return Optional.of("a topic's name consists of ASCII letters and digits, '.', '_' and '-' only");
            }
        }
        return Optional.empty();
    }

    public static boolean isValid(String name) {
        return refusal(name).isEmpty();
    }

    /// Topics that the brokers make and write themselves.
    public static boolean isInternal(String name) {
        return INTERNAL.contains(name);
    }

    /// A topic whose name differs from `name` only in '.' and '_': in metric names the two would be one.
    static Optional<String> collision(String name, TopicsImage topics) {
        int special = firstSpecial(name);
        if (special == name.length()) return Optional.empty();
        String prefix = name.substring(0, special);
        return firstAlike(name, topics.byName().subMap(prefix + '.', prefix + (char) ('.' + 1)))
                .or(() -> firstAlike(name, topics.byName().subMap(prefix + '_', prefix + (char) ('_' + 1))));
    }

    private static Optional<String> firstAlike(String name, SortedMap<String, TopicImage> candidates) {
        return candidates.keySet().stream()
                .filter(other -> !other.equals(name) && alike(name, other))
                .findFirst();
    }

    private static boolean alike(String a, String b) {
        if (a.length() != b.length()) return false;
        for (int i = 0; i < a.length(); i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y && !(isSpecial(x) && isSpecial(y))) return false;
        }
        return true;
    }

    private static int firstSpecial(String name) {
        int i = 0;
        while (i < name.length() && !isSpecial(name.charAt(i))) i++;
        return i;
    }

    private static boolean isSpecial(char c) {
        return c == '.' || c == '_';
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || isSpecial(c) || c == '-';
    }
}
