package dev.tidemark.broker.throttle;

import java.util.HashSet;
import java.util.Set;

/// Of one topic the replicas that are throttled on one side, as the topic's config lists them: `*`, or
/// `partition:broker,…`.
///
/// @param listed as in the text; empty where all are meant
record ThrottledReplicas(boolean all, Set<String> listed) {
    static final ThrottledReplicas NONE = new ThrottledReplicas(false, Set.of());

    static ThrottledReplicas parse(String text) {
        Set<String> listed = new HashSet<>();
        for (String entry : text.split(",")) {
            String trimmed = entry.strip();
            if (trimmed.equals("*")) return new ThrottledReplicas(true, Set.of());
            if (!trimmed.isEmpty()) listed.add(trimmed);
        }
        return listed.isEmpty() ? NONE : new ThrottledReplicas(false, Set.copyOf(listed));
    }

    boolean isNone() {
        return !all && listed.isEmpty();
    }

    boolean contains(int partition, int brokerId) {
        return all || (!listed.isEmpty() && listed.contains(partition + ":" + brokerId));
    }
}
