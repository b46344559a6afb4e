package dev.tidemark.dist.cli.transaction;

import dev.tidemark.dist.cli.CliException;
import dev.tidemark.dist.cli.Invocation;
import dev.tidemark.dist.cli.TimeText;

/// How long something has to be open to be told of.
final class Ages {
    /// The longest that a broker lets a transaction be open, unless it is configured otherwise.
    private static final String DEFAULT = "15m";

    private Ages() {}

    static long olderThanMs(Invocation invocation) {
        String text = invocation.text("--older-than", DEFAULT);
        Long olderThanMs = TimeText.durationMs(text);
        if (olderThanMs == null)
            throw CliException.usage("--older-than is '" + text + "'; it must be like 90s, 15m, 2h or 7d");
        return olderThanMs;
    }
}
