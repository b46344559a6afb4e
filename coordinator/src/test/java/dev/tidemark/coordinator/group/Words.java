package dev.tidemark.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A line of a scenario: words, and `key=value` pairs among them.
record Words(List<String> plain, Map<String, String> pairs) {
    static Words parse(String line) {
        List<String> plain = new ArrayList<>();
        Map<String, String> pairs = new TreeMap<>();
        for (String word : line.trim().split("\\s+")) {
            int equals = word.indexOf('=');
            if (equals > 0) pairs.put(word.substring(0, equals), word.substring(equals + 1));
            else plain.add(word);
        }
        return new Words(plain, pairs);
    }

    String word(int index) {
        return plain.get(index);
    }

    int number(int index) {
        return Integer.parseInt(plain.get(index));
    }

    boolean has(String key) {
        return pairs.containsKey(key);
    }

    @Nullable
    String text(String key) {
        return pairs.get(key);
    }

    String text(String key, String otherwise) {
        return pairs.getOrDefault(key, otherwise);
    }

    int number(String key, int otherwise) {
        return pairs.containsKey(key) ? Integer.parseInt(pairs.get(key)) : otherwise;
    }

    /// Names with commas between; `-` is none.
    List<String> names(String key, List<String> otherwise) {
        String value = pairs.get(key);
        if (value == null) return otherwise;
        return value.equals("-") ? List.of() : List.of(value.split(","));
    }

    /// `t:0,1;u:2`; `-` is none.
    static Map<String, List<Integer>> partitions(String text) {
        Map<String, List<Integer>> topics = new TreeMap<>();
        if (text.equals("-")) return topics;
        for (String topic : text.split(";")) {
            String[] parts = topic.split(":");
            List<Integer> partitions = new ArrayList<>();
            for (String one : parts[1].split(",")) partitions.add(Integer.parseInt(one));
            topics.put(parts[0], partitions);
        }
        return topics;
    }
}
