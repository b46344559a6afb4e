package dev.tidemark.compatibility.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A record as all clients see it, without its offset. Equal lists of a partition mean equal records in equal order.
///
/// @param timestamp null leaves it to the producer
public record Rec(
        int partition,
        @Nullable String key,
        @Nullable String value,
        Map<String, String> headers,
        @Nullable Long timestamp) {

    public static Rec of(int partition, @Nullable String key, @Nullable String value) {
        return new Rec(partition, key, value, Map.of(), null);
    }

    /// Records spread over the partitions, with values that compress and differ.
    public static List<Rec> many(int count, int partitions, String prefix) {
        return IntStream.range(0, count)
                .mapToObj(i -> of(i % partitions, "key-" + i % 7, prefix + "-" + i + " " + "tide ".repeat(i % 20)))
                .toList();
    }

    Map<String, @Nullable Object> toArguments() {
        Map<String, @Nullable Object> json = new HashMap<>();
        json.put("p", partition);
        json.put("k", key);
        json.put("v", value);
        if (!headers.isEmpty()) json.put("h", headers);
        if (timestamp != null) json.put("t", timestamp);
        return json;
    }

    static List<Rec> ofAnswer(JsonNode records) {
        List<Rec> found = new ArrayList<>();
        for (JsonNode json : records) {
            Map<String, String> headers = new TreeMap<>();
            json.get("h")
                    .properties()
                    .forEach(header ->
                            headers.put(header.getKey(), header.getValue().asText()));
            found.add(new Rec(
                    json.get("p").asInt(),
                    json.get("k").textValue(),
                    json.get("v").textValue(),
                    headers,
                    json.get("t").asLong()));
        }
        return found;
    }

    Rec withoutTimestamp() {
        return new Rec(partition, key, value, new TreeMap<>(headers), null);
    }

    /// By partition, each in its order, so that lists read from several partitions can be compared.
    static Map<Integer, List<Rec>> byPartition(List<Rec> records) {
        Map<Integer, List<Rec>> sorted = new TreeMap<>();
        records.forEach(record -> sorted.computeIfAbsent(record.partition(), _ -> new ArrayList<>())
                .add(record.withoutTimestamp()));
        return sorted;
    }
}
