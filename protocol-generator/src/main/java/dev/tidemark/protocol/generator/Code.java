package dev.tidemark.protocol.generator;

/// Java text with indentation.
final class Code {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    /// A line; a last `{` indents what follows, a first `}` ends that.
    Code line(String line) {
        if (line.startsWith("}")) depth--;
        if (!line.isEmpty()) text.repeat("    ", depth).append(line);
        text.append('\n');
        if (line.endsWith("{")) depth++;
        return this;
    }

    Code continued(String line) {
        text.repeat("    ", depth + 2).append(line).append('\n');
        return this;
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
