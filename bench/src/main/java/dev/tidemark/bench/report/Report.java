package dev.tidemark.bench.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The finished run. `theirs` or `ours` may be empty when only one product ran.
///
/// @param facts what a reader needs to judge the figures: versions, machine, sizes
/// @param command repeats the run
/// @param failures scenarios that did not end, in words
public record Report(
        Instant at,
        Samples theirs,
        Samples ours,
        Map<String, String> facts,
        String command,
        int rounds,
        List<String> failures) {

    /// One line of the table as text; empty cells where a product did not run.
    record Line(String title, String theirs, String ours, String ratio, String target, String verdict) {
        List<String> cells() {
            return List.of(title, theirs, ours, ratio, target, verdict);
        }
    }

    static final Line HEAD = new Line("", "Apache Kafka", "Tidemark", "ratio", "target", "");

    List<Line> lines() {
        return Arrays.stream(Row.values())
                .filter(row -> theirs.has(row) || ours.has(row))
                .map(this::line)
                .toList();
    }

    private Line line(Row row) {
        String title = row.title() + " (" + row.unit() + ")";
        String target = "≤ " + number(row.target());
        if (!theirs.has(row) || !ours.has(row))
            return new Line(title, cell(theirs, row), cell(ours, row), "", target, "");
        double ratio = row.ratio(theirs.median(row), ours.median(row));
        String verdict = ratio <= row.target() ? "reached" : ratio <= 1 ? "missed" : "worse than Kafka";
        return new Line(title, cell(theirs, row), cell(ours, row), number(ratio), target, verdict);
    }

    private static String cell(Samples samples, Row row) {
        if (!samples.has(row)) return "";
        String median = number(samples.median(row));
        if (samples.of(row).size() == 1) return median;
        return median + " (" + number(samples.lowest(row)) + "–" + number(samples.highest(row)) + ")";
    }

    /// Three digits that count.
    static String number(double value) {
        if (value >= 100) return String.format(Locale.ROOT, "%,.0f", value);
        if (value >= 10) return String.format(Locale.ROOT, "%.1f", value);
        return String.format(Locale.ROOT, value >= 1 ? "%.2f" : "%.3f", value);
    }

    public String toText() {
        StringBuilder text = new StringBuilder();
        List<Line> all = new ArrayList<>(List.of(HEAD));
        all.addAll(lines());
        int[] widths = new int[HEAD.cells().size()];
        for (Line line : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.cells().get(i).length());
            }
        }
        for (Line line : all) text.append(padded(line.cells(), widths)).append('\n');
        failures.forEach(failure -> text.append("FAILED ").append(failure).append('\n'));
        return text.toString();
    }

    private static String padded(List<String> cells, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String format = i == 0 || i == widths.length - 1 ? "%-" + widths[i] + "s  " : "%" + widths[i] + "s  ";
            text.append(String.format(format.replace("%0s", "%s").replace("%-0s", "%s"), cells.get(i)));
        }
        return text.toString().stripTrailing();
    }

    public String toMarkdown() {
        StringBuilder text = new StringBuilder("# Tidemark beside Apache Kafka\n\n");
        text.append("Written by `")
                .append(command)
                .append("` on ")
                .append(day())
                .append("; medians of ");
        text.append(rounds)
                .append(rounds == 1 ? " round" : " rounds")
                .append(", in brackets the lowest and the highest. ");
        text.append("A ratio is Tidemark's cost as a part of Kafka's (for a rate, Kafka's divided by ours): ");
        text.append("below 1 is better. What each row does stands in [README.md](README.md).\n\n");
        text.append("| ").append(String.join(" | ", HEAD.cells())).append(" |\n|---|--:|--:|--:|--:|---|\n");
        lines().forEach(line ->
                text.append("| ").append(String.join(" | ", line.cells())).append(" |\n"));
        failures.forEach(failure -> text.append("\n**Failed:** ")
                .append(failure.lines().findFirst().orElse(""))
                .append('\n'));
        text.append("\n| | |\n|---|---|\n");
        new TreeMap<>(facts)
                .forEach((name, value) -> text.append("| ")
                        .append(name)
                        .append(" | ")
                        .append(value)
                        .append(" |\n"));
        return text.toString();
    }

    String day() {
        return at.truncatedTo(ChronoUnit.DAYS).toString().substring(0, 10);
    }
}
