package dev.tidemark.protocol.generator;

/// Java text with indentation.
final class Code {
    private static final int COLUMNS = 120;

    private final StringBuilder text = new StringBuilder();
    private int depth;

    /// A line; a last `{` indents what follows, a first `}` ends that.
    Code line(String line) {
        if (line.startsWith("}")) depth--;
        append(depth, line);
        if (line.endsWith("{")) depth++;
        return this;
    }

    /// A line that belongs to the one before: the only statement under a condition.
    Code nested(String line) {
        append(depth + 1, line);
        return this;
    }

    /// A line that continues the one before.
    Code continued(String line) {
        append(depth + 2, line);
        return this;
    }

    /// Breaks a long list of arguments.
    private void append(int indents, String line) {
        int room = COLUMNS - 4 * indents;
        int end = line.startsWith("//") || line.length() <= room ? -1 : line.lastIndexOf(", ", room - 1);
        if (end < 0) {
            if (!line.isEmpty()) text.repeat("    ", indents).append(line);
            text.append('\n');
            return;
        }
        text.repeat("    ", indents).append(line, 0, end + 1).append('\n');
        append(indents == depth ? indents + 2 : indents, line.substring(end + 2));
    }

    Code indent() {
        depth++;
        return this;
    }

    Code blank() {
        return line("");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
