package dev.tidemark.metadata.json;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Gives equal lists of brokers one instance: ten thousand partitions have few different ones.
final class ReplicaLists {
    private static final int KEPT_MAX = 10_000;
    private final Map<List<Integer>, List<Integer>> known = new HashMap<>();

    List<Integer> shared(List<Integer> list) {
        List<Integer> before = known.get(list);
        if (before != null) return before;
        if (known.size() < KEPT_MAX) known.put(list, list);
        return list;
    }
}
