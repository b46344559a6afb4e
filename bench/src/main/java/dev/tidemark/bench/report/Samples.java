package dev.tidemark.bench.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What one product yielded in all rounds so far.
public final class Samples {
    private final Map<Row, List<Double>> values = new EnumMap<>(Row.class);

    public void add(Row row, double value) {
        values.computeIfAbsent(row, _ -> new ArrayList<>()).add(value);
    }

    public List<Double> of(Row row) {
        return List.copyOf(values.getOrDefault(row, List.of()));
    }

    public boolean has(Row row) {
        return values.containsKey(row);
    }

    /// Of an even count, the mean of the middle two.
    public double median(Row row) {
        List<Double> sorted = of(row).stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public double lowest(Row row) {
        return of(row).stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double highest(Row row) {
        return of(row).stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
