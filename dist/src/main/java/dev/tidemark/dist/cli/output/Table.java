package dev.tidemark.dist.cli.output;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// Rows under a headline, aligned by column: numbers to the right, text to the left, two spaces between.
public final class Table {
    private final List<String> headline;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headline) {
        this.headline = List.of(headline);
    }

    /// `cells` are printed with `toString`; a missing value is given as `-`.
    public Table row(Object... cells) {
        List<String> row = new ArrayList<>(cells.length);
        for (Object cell : cells) row.add(visible(String.valueOf(cell)));
        rows.add(row);
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public void print(PrintStream out, Style style) {
        int[] widths = widths();
        boolean[] right = rightAligned();
        StringBuilder text = new StringBuilder();
        text.append(style.bold(line(headline, widths, right))).append('\n');
        for (List<String> row : rows) text.append(line(row, widths, right)).append('\n');
        out.print(text);
    }

    private static String line(List<String> cells, int[] widths, boolean[] right) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - width(cell));
            if (i > 0) line.append("  ");
            line.append(right[i] ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    private int[] widths() {
        int[] widths = new int[headline.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(headline.get(i));
            for (List<String> row : rows) widths[i] = Math.max(widths[i], width(row.get(i)));
        }
        return widths;
    }

    /// A column of numbers and `-` only.
    private boolean[] rightAligned() {
        boolean[] right = new boolean[headline.size()];
        for (int i = 0; i < right.length; i++) {
            int column = i;
            right[i] = !rows.isEmpty() && rows.stream().allMatch(row -> isNumber(row.get(column)));
        }
        return right;
    }

    private static boolean isNumber(String cell) {
        return !cell.isEmpty() && cell.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '-' || c == '.');
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /// A control character in a name must not reach the terminal.
    private static String visible(String cell) {
        return cell.chars().noneMatch(Character::isISOControl) ? cell : cell.replaceAll("\\p{Cntrl}", "?");
    }
}
